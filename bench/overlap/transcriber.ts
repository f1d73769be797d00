import { EventQueue } from '../../src/ports/event-queue.js';
import type {
  Beginning,
  Keyword,
  SpeechToText,
  SpeechToTextEvent,
  SpeechToTextInput,
} from '../../src/ports/speech-to-text.js';

export type Glimpse = { readonly text: string; readonly beginnings: readonly Beginning[] };

export type Transcriber = {
  readonly transcribe: (samples: Float32Array) => Promise<string>;
  /** What a partial says, without the pace of partials. */
  readonly look: (samples: Float32Array) => Promise<Glimpse>;
  readonly close: () => void;
};

/** One decoding after another. */
export function openTranscriber(stt: SpeechToText, keywords: readonly Keyword[] = []): Transcriber {
  const abort = new AbortController();
  const input = new EventQueue<SpeechToTextInput>(abort.signal);
  const events = stt.listen({ callId: 'overlap', input, signal: abort.signal, keywords })[Symbol.asyncIterator]();
  let utterance = 0;
  let last: Promise<unknown> = Promise.resolve();
  const ask = async <T>(
    samples: Float32Array,
    question: SpeechToTextInput,
    answerIn: (event: SpeechToTextEvent) => T | undefined,
  ): Promise<T | undefined> => {
    input.push({ type: 'start', utterance });
    input.push({ type: 'audio', samples });
    input.push(question);
    for (;;) {
      const { value, done } = await events.next();
      if (done) return undefined;
      const answer = value.utterance === utterance ? answerIn(value) : undefined;
      if (answer === undefined) continue;
      input.push({ type: 'end', utterance });
      return answer;
    }
  };
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const next = last.then(() => {
      utterance += 1;
      return run();
    });
    last = next.catch(() => {});
    return next;
  };
  const finalOf = (event: SpeechToTextEvent): string | undefined => {
    if (event.type === 'error') return '';
    return event.type === 'final' ? event.text : undefined;
  };
  const partialOf = (event: SpeechToTextEvent): Glimpse | undefined =>
    event.type === 'partial' ? { text: event.text, beginnings: event.beginnings ?? [] } : undefined;
  return {
    transcribe: (samples) =>
      inTurn(async () => (await ask(samples, { type: 'freeze', utterance, request: utterance }, finalOf)) ?? ''),
    look: (samples) =>
      inTurn(async () => (await ask(samples, { type: 'look', utterance }, partialOf)) ?? { text: '', beginnings: [] }),
    close: () => input.end(),
  };
}
