import { ParleyError } from '../ports/errors.js';

/** Ends the program with a message: one that was written for people, or else with the place it comes from. */
export function fail(error: unknown): never {
  const text = ParleyError.isInstance(error)
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
