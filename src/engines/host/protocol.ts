/**
 * What passes between the main process and a host. Every request is one slice of work (tens of milliseconds), so a
 * request is never cancelled: whoever gives up stops asking for the next slice.
 */
export type HostRequest = { readonly id: number; readonly op: string; readonly payload: unknown };

export type HostReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: HostFailure };

export type HostFailure = {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly status: number;
};

/** Sent once, when the models are loaded and a warm-up inference has run. */
export type HostReady = { readonly type: 'ready' };

/** Sent instead of `ready` when the host cannot start; it then exits. */
export type HostStartFailure = { readonly type: 'start-failed'; readonly error: HostFailure };

export type HostMessage = HostReply | HostReady | HostStartFailure;

/** The op that every host answers: a health check. */
export const pingOp = 'ping';

/** The first message to a host: what its entry's `start` receives. */
export type HostInit = { readonly init: unknown };
