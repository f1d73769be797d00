import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const timeoutMs = 3_000;
/** The beginning of a body is enough: whatever listens there may send without end. */
const largestBodyBytes = 65_536;

export type ProbeAnswer = { readonly status: number; readonly body: string };

/** GET over http or https, on a connection of its own. Rejects when nothing answers in time. */
export function probeRequest(url: URL, ca: readonly string[] | undefined): Promise<ProbeAnswer> {
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(url, {
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      ...(secure && ca ? { ca: [...ca] } : {}),
    });
    request.once('error', reject);
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
      response.once('error', reject);
    });
    request.end();
  });
}
