/**
 * @typedef {{ kind: 'info' | 'problem', title: string, text: string, items?: string[] }} Help
 */

/**
 * @param {{ name?: string, message?: string }} error of getUserMedia, or of anything else before the call
 * @returns {Help}
 */
export function startProblem(error) {
  switch (error?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return problem('The microphone is blocked', 'The call needs your microphone, and this page may not use it.', [
        "Press the icon left of the page's address, allow the microphone for this site, then press Talk again.",
        'If it is allowed there, allow it for the browser in the privacy settings of your system.',
      ]);
    case 'NotFoundError':
    case 'DevicesNotFoundError':
    case 'OverconstrainedError':
      return problem('No microphone was found', 'Plug one in or switch it on, then press Talk again.');
    case 'NotReadableError':
    case 'AbortError':
      return problem(
        'The microphone is busy',
        'Another program holds it, or its driver failed. Close the other program, then press Talk again.',
      );
    case 'InsecureContextError':
      return problem(
        'The browser gives no microphone to this address',
        'Browsers allow it on https:// and on this same machine only.',
        [
          'On the machine where the server runs, open http://localhost with the same port.',
          'From another machine, put the server behind https.',
        ],
      );
    default:
      return problem('The call could not start', String(error?.message ?? error));
  }
}

/**
 * @param {import('./readiness.js').Readiness} readiness
 * @returns {Help | undefined} nothing to say when ready
 */
export function readinessHelp(readiness) {
  switch (readiness.kind) {
    case 'ready':
      return undefined;
    case 'loading':
      return {
        kind: 'info',
        title: 'The server is still loading',
        text: 'Talk works as soon as it is ready. The first start downloads the models and takes longer.',
        items: readiness.parts,
      };
    case 'full':
      return serverFull(readiness.message);
    case 'unreachable':
      return problem('The server does not answer', 'Is it still running? This page asks again every second.');
  }
}

/**
 * Why a call ended that the caller did not end.
 * @param {{ code: number, reason: string, opened: boolean, lastError?: string }} close of the socket
 * @param {import('./readiness.js').Readiness} readiness as the server tells it after the close
 * @returns {Help | undefined}
 */
export function closeProblem({ code, reason, opened, lastError }, readiness) {
  const detail = reason || lastError || '';
  if (code === 1013) return serverFull(detail);
  if (readiness.kind !== 'ready') return readinessHelp(readiness);
  if (code === 1000) return undefined;
  if (code === 1012) return problem('The server restarts', 'Press Talk again in a moment.');
  if (!opened) {
    return problem(
      'The server refused the call',
      detail || 'It may be full: it carries only as many calls at once as its cores allow. Try again in a minute.',
    );
  }
  return problem(
    'The call was cut off',
    detail || `The connection to the server was lost (code ${code}). Press Talk to call again.`,
  );
}

/** @returns {Help} */
function serverFull(detail) {
  return problem(
    'All lines are busy',
    detail || 'The server carries as many calls as it can right now. Try again in a minute.',
  );
}

/** @returns {Help} */
function problem(title, text, items = undefined) {
  return { kind: 'problem', title, text, ...(items && { items }) };
}
