const pollMs = 1_000;
const answerDeadlineMs = 4_000;

/**
 * @typedef {{ kind: 'ready' } | { kind: 'loading', parts: string[] } | { kind: 'full', message: string } | { kind: 'unreachable' }} Readiness
 */

/** @returns {Promise<Readiness>} never rejects */
export async function askReadiness() {
  let response;
  let body = {};
  try {
    response = await fetch('/ready', { cache: 'no-store', signal: AbortSignal.timeout(answerDeadlineMs) });
    body = await response.json().catch(() => ({}));
  } catch {
    return { kind: 'unreachable' };
  }
  if (response.ok) return { kind: 'ready' };
  if (response.status !== 503) return { kind: 'unreachable' };
  if (body.status === 'full') return { kind: 'full', message: typeof body.message === 'string' ? body.message : '' };
  return { kind: 'loading', parts: Array.isArray(body.loading) ? body.loading.map(partText).filter(Boolean) : [] };
}

/**
 * Asks until the server is ready.
 * @param {(readiness: Readiness) => void} onChange each answer; the last one is `ready`
 * @returns {() => void} stop
 */
export function pollUntilReady(onChange) {
  let stopped = false;
  let timer;
  async function poll() {
    const readiness = await askReadiness();
    if (stopped) return;
    onChange(readiness);
    if (readiness.kind !== 'ready' && !stopped) timer = setTimeout(poll, pollMs);
  }
  poll();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** A part is its name, or `{ name, progress }` with progress 0..1. */
function partText(part) {
  if (typeof part === 'string') return part;
  if (typeof part?.name !== 'string') return '';
  return typeof part.progress === 'number' ? `${part.name} (${Math.round(100 * part.progress)} %)` : part.name;
}
