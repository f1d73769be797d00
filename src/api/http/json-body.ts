import type { FastifyInstance, RawServerBase } from 'fastify';
import { ParleyError } from '../../ports/errors.js';
import { jsonShapeProblem } from './json-shape.js';
import { requestLimits } from './limits.js';

/** Reads bodies in JSON, but none whose shape would be a burden to whoever walks through it. */
export function readJsonBodies<Raw extends RawServerBase>(server: FastifyInstance<Raw>): void {
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: requestLimits.maxJsonBytes },
    (_request, body, done) => {
      const bytes = body as Buffer;
      const problem = jsonShapeProblem(bytes, requestLimits);
      if (problem !== undefined) {
        done(refused(`The body is ${problem}.`));
        return;
      }
      let value: unknown;
      try {
        value = JSON.parse(bytes.toString('utf8'));
      } catch (error) {
        done(refused(`The body is not JSON: ${(error as Error).message.slice(0, 200)}.`));
        return;
      }
      done(null, value);
    },
  );
}

function refused(message: string): ParleyError {
  return new ParleyError(message, { code: 'invalid_json', status: 400 });
}
