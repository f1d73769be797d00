import { EventQueue } from '../../src/ports/event-queue.js';
import type { Keyword, SpeechToText, SpeechToTextEvent, SpeechToTextInput } from '../../src/ports/speech-to-text.js';

export type Final = Extract<SpeechToTextEvent, { type: 'final' }>;

/** The final of 16 kHz samples that are one utterance, whatever is in them. */
export async function transcribeAtOnce(
  samples: Float32Array,
  stt: SpeechToText,
  keywords: readonly Keyword[] = [],
): Promise<Final> {
  const { signal } = new AbortController();
  const input = new EventQueue<SpeechToTextInput>(signal);
  input.push({ type: 'start', utterance: 1 });
  input.push({ type: 'audio', samples });
  input.push({ type: 'freeze', utterance: 1, request: 1 });
  input.end();
  for await (const event of stt.listen({ callId: 'bench', input, signal, keywords })) {
    if (event.type === 'error') throw event.error;
    if (event.type === 'final') return event;
  }
  throw new Error('Speech to text ended without a final.');
}
