import type { ServerStatus } from '../../server/server-status.js';
import type { CallEnd } from '../call/call-types.js';

/** What the caller should know, and can do. */
export type Help = {
  readonly kind: 'info' | 'problem';
  readonly title: string;
  readonly text: string;
  readonly steps?: readonly string[];
};

/** Typing needs no microphone: whoever cannot give one is told. */
const typeInstead = 'Or write instead of talking: the agent answers all the same.';

/** `error` is that of `getUserMedia`, or of anything else before the call. */
export function startProblem(error: unknown): Help {
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return problem('The microphone is blocked', 'To talk, let this page use your microphone:', [
        "Press the icon left of the page's address, allow the microphone for this site, then press Talk again.",
        'If it is allowed there, allow it for the browser in the privacy settings of your system.',
        typeInstead,
      ]);
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return problem('No microphone was found', 'Plug one in or switch it on, then press Talk again.', [typeInstead]);
    case 'NotReadableError':
    case 'AbortError':
      return problem(
        'The microphone is busy',
        'Another program holds it, or its driver failed. Close the other program, then press Talk again.',
        [typeInstead],
      );
    case 'InsecureContextError':
      return problem(
        'The browser gives no microphone to this address',
        'Browsers allow it on https:// and on this same machine only.',
        [
          'On the machine where the server runs, open http://localhost with the same port.',
          'From another machine, open the server by https://.',
          typeInstead,
        ],
      );
    default:
      return problem('The call could not start', message);
  }
}

/** Nothing to say when it is ready, or was not asked yet. */
export function statusHelp(status: ServerStatus): Help | undefined {
  switch (status.kind) {
    case 'unknown':
    case 'ready':
      return undefined;
    case 'loading':
      return {
        kind: 'info',
        title: 'The server is still loading',
        text: 'Talk works as soon as it is ready. The first start downloads the models and takes longer.',
      };
    case 'failed':
      return problem(
        'The server could not start',
        status.reason || 'Its own output says why; start it again once that is mended.',
      );
    case 'draining':
      return problem('The server is about to stop', 'It takes no new calls. Try again once it has been started anew.');
    case 'unreachable':
      return problem('The server does not answer', 'Is it still running? This page tries again by itself.');
  }
}

/** Why a call ended that the caller did not end; `status` is what the server says after it. */
export function closeProblem(end: Extract<CallEnd, { by: 'server' }>, status: ServerStatus): Help | undefined {
  const { code, reason, opened, lastError } = end;
  const detail = reason || lastError || '';
  if (code === 1013) return serverFull(detail);
  if (status.kind !== 'ready') return statusHelp(status);
  if (code === 1000) return ended(reason);
  if (code === 1012) return problem('The server restarts', 'Press Talk again in a moment.');
  if (opened) {
    return problem(
      'The call was cut off',
      detail || `The connection to the server was lost (code ${code}). Press Talk to call again.`,
    );
  }
  const keyToo = status.keyRequired ? ' Or the key is not the right one: check it in the settings.' : '';
  return problem(
    'The server refused the call',
    detail ||
      `It may be full: it carries only as many calls at once as its cores allow. Try again in a minute.${keyToo}`,
  );
}

/** The agent or the server hung up as it should. */
function ended(reason: string): Help {
  const why =
    reason === 'idle'
      ? 'Nobody had said anything for a while.'
      : reason === 'max-call'
        ? 'It had reached the longest time that a call may take.'
        : 'The agent hung up.';
  return { kind: 'info', title: 'The call has ended', text: `${why} Press Talk to call again.` };
}

function serverFull(detail: string): Help {
  return problem(
    'All lines are busy',
    detail || 'The server carries as many calls as it can right now. Try again in a minute.',
  );
}

function problem(title: string, text: string, steps?: readonly string[]): Help {
  return { kind: 'problem', title, text, ...(steps && { steps }) };
}
