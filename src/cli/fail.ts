import { ParleyError } from '../ports/errors.js';

/** Ends the program with a message: one that was written for people, or else with the place it comes from. */
export function fail(error: unknown): never {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What the system refuses (a file that is not there) is the user's to mend: its message names the file.
  const fromSystem = typeof (error as NodeJS.ErrnoException).syscall === 'string';
  return ParleyError.isInstance(error) || fromSystem ? error.message : (error.stack ?? error.message);
}
