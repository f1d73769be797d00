import { ParleyError } from '../ports/errors.js';

/** The network between here and the database. */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
/** Classes of SQLSTATE that pass: connection, resources, operator intervention, deadlock or serialization. */
const passingStates = /^(08|53|57|40)/;

/**
 * What a failure of the database means to whoever asked it. Errors of ours pass as they are. The statement is left out:
 * its values are nobody's business.
 */
export function storeError(error: unknown): ParleyError {
  const cause = rootOf(error);
  if (ParleyError.isInstance(cause)) return cause;
  const code = codeOf(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  const passing = networkCodes.has(code) || passingStates.test(code) || /timeout|terminated|Connection/.test(message);
  return new ParleyError(
    passing
      ? `The database does not answer: ${message || code}. Check that it runs and DATABASE_URL.`
      : `The database refused: ${message}.`,
    { code: passing ? 'store.unavailable' : 'store.failed', retryable: passing, status: passing ? 503 : 500, cause },
  );
}

/** The error of the driver inside those that the query builder and the network wrap around it. */
function rootOf(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && !ParleyError.isInstance(inner)) {
    const next: unknown = inner instanceof AggregateError ? inner.errors[0] : inner.cause;
    if (!(next instanceof Error)) return inner;
    inner = next;
  }
  return inner;
}

/** SQLSTATE or the code of the system, empty when there is none. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

export function closedError(): ParleyError {
  return new ParleyError('The database is closed.', { code: 'store.closed', status: 503 });
}
