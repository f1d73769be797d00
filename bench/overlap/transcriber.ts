import { EventQueue } from '../../src/ports/event-queue.js';
import type { SpeechToText, SpeechToTextInput } from '../../src/ports/speech-to-text.js';

export type Transcriber = {
  readonly transcribe: (samples: Float32Array) => Promise<string>;
  readonly close: () => void;
};

/** One decoding after another: what a partial sees, without the pace of partials. */
export function openTranscriber(stt: SpeechToText): Transcriber {
  const abort = new AbortController();
  const input = new EventQueue<SpeechToTextInput>(abort.signal);
  const events = stt.listen({ callId: 'overlap', input, signal: abort.signal })[Symbol.asyncIterator]();
  let request = 0;
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (samples: Float32Array): Promise<string> => {
    const utterance = ++request;
    input.push({ type: 'start', utterance });
    input.push({ type: 'audio', samples });
    input.push({ type: 'freeze', utterance, request: utterance });
    for (;;) {
      const { value, done } = await events.next();
      if (done) return '';
      if (value.type === 'error' && value.request === utterance) return '';
      if (value.type === 'final' && value.request === utterance) return value.text;
    }
  };
  return {
    transcribe: (samples) => {
      const text = last.then(() => ask(samples));
      last = text.catch(() => {});
      return text;
    },
    close: () => input.end(),
  };
}
