import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderClips } from '../bench/chaos.js';
import { startEars } from '../bench/support/engines.js';
import { concatSamples } from '../src/audio/frame.js';
import { resample } from '../src/audio/resample.js';
import { EventQueue } from '../src/ports/event-queue.js';
import type { SpeechToTextInput } from '../src/ports/speech-to-text.js';
import { modelsAreSkipped } from './support/models.js';

type Engines = Awaited<ReturnType<typeof startEars>>;

/** Long enough to be spoken in several pieces. */
const text =
  'Sure, one large coffee with milk and two pieces of chocolate cake, which comes to seven dollars and fifty cents. ' +
  'You can pay by card at the counter, and it will be ready in about ten minutes, when we will call out your name.';

function strike(engine: { readonly pid: number | undefined }, signal: NodeJS.Signals): void {
  if (engine.pid === undefined) throw new Error('the host does not run');
  process.kill(engine.pid, signal);
}

describe.skipIf(modelsAreSkipped(7))('work whose host is lost', () => {
  let engines: Engines;
  let order: Float32Array;

  beforeAll(async () => {
    engines = await startEars();
    const [clip] = await orderClips();
    if (!clip) throw new Error('There are no orders among the recordings.');
    order = await resample(clip.samples, 24_000, 16_000);
  }, 600_000);

  afterAll(() => engines?.close());

  async function speak(onFirst: () => void): Promise<Float32Array> {
    const pieces: Float32Array[] = [];
    for await (const event of engines.tts.speak({ text, voice: 'heart', signal: AbortSignal.timeout(60_000) })) {
      if (event.type !== 'audio') continue;
      if (pieces.length === 0) onFirst();
      pieces.push(event.samples);
    }
    expect(pieces.length).toBeGreaterThan(1);
    return concatSamples(pieces);
  }

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'speech goes on at the same sample after %s',
    async (signal) => {
      const whole = await speak(() => {});
      const interrupted = await speak(() => strike(engines.tts, signal));
      expect(interrupted.length).toBe(whole.length);
      let largest = 0;
      for (let i = 0; i < whole.length; i++)
        largest = Math.max(largest, Math.abs((whole[i] as number) - (interrupted[i] as number)));
      expect(largest).toBeLessThan(0.01);
    },
    60_000,
  );

  async function transcribe(onFrozen: () => void): Promise<string> {
    const signal = AbortSignal.timeout(60_000);
    const input = new EventQueue<SpeechToTextInput>(signal);
    input.push({ type: 'start', utterance: 1 });
    input.push({ type: 'audio', samples: order });
    input.push({ type: 'freeze', utterance: 1, request: 1 });
    onFrozen();
    try {
      for await (const event of engines.stt.listen({ callId: 'call', input, signal })) {
        if (event.type === 'error') throw event.error;
        if (event.type === 'final') return event.text;
      }
    } finally {
      input.end();
    }
    throw new Error('no transcript came');
  }

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'a transcript is made anew from the audio that was kept after %s',
    async (signal) => {
      const expected = await transcribe(() => {});
      expect(expected).not.toBe('');
      expect(await transcribe(() => strike(engines.stt, signal))).toBe(expected);
    },
    60_000,
  );

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'the end of a turn is judged all the same after %s',
    async (signal) => {
      const options = { signal: AbortSignal.timeout(60_000) };
      const { probability } = await engines.endOfTurn.predict(order, options);
      const judged = engines.endOfTurn.predict(order, options);
      strike(engines.endOfTurn, signal);
      expect((await judged).probability).toBeCloseTo(probability, 5);
    },
    60_000,
  );

  it('several hosts at once come back', async () => {
    const { tts, stt, endOfTurn } = engines;
    for (const engine of [tts, stt, endOfTurn]) strike(engine, 'SIGKILL');
    const [spoken, words] = await Promise.all([speak(() => {}), transcribe(() => {})]);
    expect(spoken.length).toBeGreaterThan(24_000);
    expect(words).not.toBe('');
  }, 60_000);
});
