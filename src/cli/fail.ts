import type { CommanderError } from 'commander';
import { ParleyError } from '../ports/errors.js';
import { refusalOf } from './files.js';

/** Ends the program with a message: one that was written for people, or else with the place it comes from. */
export function fail(error: unknown): never {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(ParleyError.isInstance(error) && error.code === usageCode ? 2 : 1);
}

const usageCode = 'cli.usage';

/** A flag that is wrong, or missing beside another: exit code 2, as of what commander finds. */
export function misused(message: string): ParleyError {
  return new ParleyError(message, { code: usageCode, status: 400 });
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (ParleyError.isInstance(error)) return error.message;
  // What the system refuses (a file that is not there) is the user's to mend.
  const { syscall, path } = error as NodeJS.ErrnoException;
  if (typeof syscall !== 'string') return error.stack ?? error.message;
  return typeof path === 'string' ? `${path}: ${refusalOf(error)} (${syscall}).` : error.message;
}

/** 2 for wrong usage, which commander itself has found; what a command refuses keeps its own. */
export function exitCodeOf({ exitCode, code }: CommanderError): number {
  return exitCode !== 0 && code.startsWith('commander.') ? 2 : exitCode;
}
