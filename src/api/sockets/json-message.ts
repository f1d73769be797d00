import { ParleyError } from '../../ports/errors.js';
import { jsonShapeProblem } from '../http/json-shape.js';
import { requestLimits } from '../http/limits.js';

/**
 * Reads a message in JSON, but none whose shape would be a burden to whoever walks through it.
 * @throws ParleyError `invalid_json` (400)
 */
export function jsonMessage(text: string): unknown {
  const problem = jsonShapeProblem(Buffer.from(text), requestLimits);
  if (problem !== undefined) throw invalid(`The message is ${problem}.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`The message is not JSON: ${(error as Error).message.slice(0, 200)}.`);
  }
}

function invalid(message: string): ParleyError {
  return new ParleyError(message, { code: 'invalid_json', status: 400 });
}
