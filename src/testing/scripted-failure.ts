/** What a scripted engine does instead of answering: it fails with this error, or never answers (until aborted). */
export type ScriptedFailure = Error | 'hang';

/** Throws the error, hangs until the signal aborts, or does nothing. */
export async function suffer(failure: ScriptedFailure | undefined, signal: AbortSignal): Promise<void> {
  if (failure === undefined) return;
  if (failure !== 'hang') throw failure;
  await new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
