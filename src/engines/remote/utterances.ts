import { durationMs } from '../../audio/frame.js';
import { ParleyError } from '../../ports/errors.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToTextEvent, SpeechToTextOptions } from '../../ports/speech-to-text.js';

export const listeningRateHz = 16_000;

/** What an engine does with the utterances of one `listen`; only the current one is ever named. */
export type UtteranceSink = {
  start(utterance: number): void;
  audio(samples: Float32Array): void;
  /** Answers by `final` or `error` before it resolves. Never rejects. */
  freeze(request: FrozenUtterance): Promise<void>;
  look(): void;
  end(): void;
  /** The input is over and everything asked for was answered, or nobody wants it any more. Idempotent. */
  close(): void;
};

export type FrozenUtterance = { readonly utterance: number; readonly request: number; readonly audioMs: number };

/** Runs the input of a `listen`: which utterance is the current one, requests for others, and the end. */
export function listenWith(
  { input, signal }: SpeechToTextOptions,
  make: (events: EventQueue<SpeechToTextEvent>) => UtteranceSink,
): AsyncIterable<SpeechToTextEvent> {
  const events = new EventQueue<SpeechToTextEvent>(signal);
  const sink = make(events);
  signal.addEventListener('abort', () => sink.close(), { once: true });
  const run = async (): Promise<void> => {
    const asked = new Set<Promise<void>>();
    let current: number | undefined;
    let samples = 0;
    for await (const item of input) {
      if (signal.aborted) break;
      if (item.type === 'start') {
        if (current !== undefined) sink.end();
        current = item.utterance;
        samples = 0;
        sink.start(current);
      } else if (item.type === 'audio') {
        if (current === undefined) continue;
        samples += item.samples.length;
        sink.audio(item.samples);
      } else if (item.type === 'freeze') {
        const { utterance, request } = item;
        if (utterance !== current) {
          const error = new ParleyError(`Utterance ${utterance} is not the current one.`, { code: 'stt.stale' });
          events.push({ type: 'error', utterance, request, error });
          continue;
        }
        const answer = sink.freeze({ utterance, request, audioMs: durationMs(samples, listeningRateHz) });
        asked.add(answer);
        void answer.finally(() => asked.delete(answer));
      } else if (item.utterance !== current) continue;
      else if (item.type === 'look') sink.look();
      else {
        sink.end();
        current = undefined;
      }
    }
    await Promise.all(asked);
  };
  void run()
    .then(
      () => events.end(),
      (error: Error) => events.fail(error),
    )
    .finally(() => sink.close());
  return events;
}
