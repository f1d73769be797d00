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

it('a recogniser that was being tried again when the call ended is tried again in the next one', async () => {
  const clock = new VirtualClock();
  let failing = true;
  const asked: string[] = [];
  const recogniser = (name: string, fail: () => boolean) =>
    new ScriptedSpeechToText({
      clock,
      transcripts: ['yes'],
      fail: () => {
        asked.push(name);
        return fail() ? new Error('lost') : undefined;
      },
    });
  const stt = new FallbackSpeechToText({
    engines: [recogniser('first', () => failing), recogniser('second', () => false)],
    clock,
    breaker: { failures: 1, openMs: 1_000 },
  });
  const call = async (hangUpAfterMs: number): Promise<void> => {
    const over = new AbortController();
    const input = new EventQueue<SpeechToTextInput>(over.signal);
    const events = stt.listen({ callId: 'call', input, signal: over.signal });
    const heard = (async () => {
      for await (const event of events) if (event.type === 'final') break;
    })();
    input.push({ type: 'start', utterance: 1 });
    input.push({ type: 'audio', samples: new Float32Array(16_000).fill(0.3) });
    input.push({ type: 'freeze', utterance: 1, request: 1 });
    await clock.advance(hangUpAfterMs);
    over.abort(new Error('hung up'));
    await heard.catch(() => {});
  };
  await call(900);
  failing = false;
  await clock.advance(1_000);
  await call(10);
  await call(900);
  expect(asked).toEqual(['first', 'second', 'first']);
});
