import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export const probeTimeoutMs = 3_000;
/** The beginning of a body is enough: whatever listens there may send without end. */
const largestBodyBytes = 65_536;

export type ProbeAnswer = { readonly status: number; readonly body: string };

/** GET over http or https, on a connection of its own. Rejects when nothing answers, with the code ETIMEDOUT when not in time. */
export function probeRequest(url: URL, ca: readonly string[] | undefined): Promise<ProbeAnswer> {
  const secure = url.protocol === 'https:';
  const late = AbortSignal.timeout(probeTimeoutMs);
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(url, {
      agent: false,
      signal: late,
      ...(secure && ca ? { ca: [...ca] } : {}),
    });
    const failed = (error: Error): void =>
      reject(
        late.aborted ? Object.assign(new Error('no answer in time', { cause: error }), { code: 'ETIMEDOUT' }) : error,
      );
    request.once('error', failed);
    request.once('response', (response) => {
      let body = '';
      const done = (): void => resolve({ status: response.statusCode ?? 0, body });
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body += part;
        if (body.length <= largestBodyBytes) return;
        done();
        response.destroy();
      });
      response.once('end', done);
      response.once('error', failed);
    });
    request.end();
  });
}
