import { expect, it } from 'vitest';
import { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToTextInput, SpeechToTextOptions } from '../../ports/speech-to-text.js';
import { ScriptedSpeechToText } from '../../testing/scripted-speech-to-text.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import { FallbackSpeechToText } from './speech-to-text.js';

it('every recogniser is told what the first was told: keywords, and how urgent it is', async () => {
  const clock = new VirtualClock({ auto: true });
  const asked: SpeechToTextOptions[] = [];
  const recogniser = (fail: boolean) => {
    const stt = new ScriptedSpeechToText({
      clock,
      transcripts: ['yes'],
      fail: () => (fail ? new Error('lost') : undefined),
    });
    const listen = stt.listen.bind(stt);
    stt.listen = (options) => {
      asked.push(options);
      return listen(options);
    };
    return stt;
  };
  const stt = new FallbackSpeechToText({ engines: [recogniser(true), recogniser(false)], clock });
  const { signal } = new AbortController();
  const input = new EventQueue<SpeechToTextInput>(signal);
  const told = { keywords: [{ text: 'oat milk', weight: 4 }], urgency: 'background' } as const;
  input.push({ type: 'start', utterance: 1 });
  input.push({ type: 'audio', samples: new Float32Array(16_000).fill(0.3) });
  input.push({ type: 'freeze', utterance: 1, request: 1 });
  input.end();
  const finals: string[] = [];
  for await (const event of stt.listen({ callId: 'call', input, signal, ...told }))
    if (event.type === 'final') finals.push(event.text);
  expect(finals).toEqual(['yes']);
  expect(asked).toMatchObject([told, told]);
});
