import { closeCodes } from '../../../channels/socket/bounded-socket.js';
import { ParleyError } from '../../../ports/errors.js';
import type { Problem } from './event-writer.js';

/** A call that is not taken, as its client is told, and how the socket is closed then. */
export function refusalOf({ status, code, message }: ParleyError): {
  readonly problem: Problem;
  readonly closeCode: number;
  /** There is no room now: it is worth coming again. */
  readonly full: boolean;
} {
  const full = status === 503 || status === 429;
  const ours = status >= 500;
  return {
    problem: { type: ours ? 'server_error' : 'invalid_request_error', code, message },
    closeCode: full ? closeCodes.tryAgainLater : ours ? closeCodes.internalError : closeCodes.policyViolation,
    full,
  };
}

/** A request that could not be carried out; of a fault the client is told no more than that there was one. */
export function requestProblem(error: unknown): { readonly problem: Problem; readonly isFault: boolean } {
  const known = ParleyError.isInstance(error);
  const code = known ? error.code : 'internal_error';
  const message = known ? error.message : 'A request could not be carried out.';
  return { problem: { type: 'server_error', code, message }, isFault: code === 'internal_error' };
}

/** What a client is told when a fault of ours costs it the connection. */
export const sessionFault: Problem = {
  type: 'server_error',
  code: 'internal_error',
  message: 'A fault of the server ended this session; connect again.',
};
