import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type VoiceActivity, type VoiceActivityStream, vadWindowSamples } from '../../src/ports/voice-activity.js';
import { type RecordedSpeech, recordedOrder, roomTone } from './recorded-speech.js';

export type VoiceActivityUnderTest = { readonly engine: VoiceActivity; readonly dispose: () => Promise<void> };

/** What every {@link VoiceActivity} keeps to. */
export function describeVoiceActivityConformance(name: string, make: () => Promise<VoiceActivityUnderTest>): void {
  describe(`${name} as voice activity`, () => {
    let made: VoiceActivityUnderTest;
    let order: RecordedSpeech;

    beforeAll(async () => {
      made = await make();
      order = await recordedOrder();
    });
    afterAll(() => made?.dispose());

    async function judge(stream: VoiceActivityStream, samples: Float32Array): Promise<number[]> {
      const probabilities: number[] = [];
      for (const window of windowsOf(samples)) probabilities.push(await stream.push(window));
      return probabilities;
    }

    it('tells recorded speech from silence, with probabilities from 0 to 1', async () => {
      const stream = made.engine.open({ callId: 'speech' });
      const silent = await judge(stream, roomTone(1_000));
      const spoken = await judge(stream, order.samples.subarray(order.from, order.to));
      stream.close();
      for (const probability of [...silent, ...spoken]) {
        expect(probability).toBeGreaterThanOrEqual(0);
        expect(probability).toBeLessThanOrEqual(1);
      }
      expect(mean(spoken)).toBeGreaterThan(0.6);
      expect(mean(silent)).toBeLessThan(0.2);
    });

    it('refuses a window of another size, and goes on', async () => {
      const stream = made.engine.open({ callId: 'sizes' });
      for (const length of [0, 1, vadWindowSamples - 1, vadWindowSamples + 1, 16_000])
        await expect(stream.push(new Float32Array(length))).rejects.toMatchObject({ code: 'vad.window_size' });
      await expect(stream.push(new Float32Array(vadWindowSamples))).resolves.toBeTypeOf('number');
      stream.close();
    });

    it('answers windows in the order in which they were given', async () => {
      const stream = made.engine.open({ callId: 'order' });
      const answered: number[] = [];
      const windows = windowsOf(order.samples.subarray(order.from)).slice(0, 20);
      await Promise.all(windows.map((window, index) => stream.push(window).then(() => answered.push(index))));
      stream.close();
      expect(answered).toEqual(windows.map((_, index) => index));
    });

    it('judges each stream by its own audio, whatever others hear at the same time', async () => {
      const speech = windowsOf(order.samples.subarray(order.from, order.from + 16_000));
      const silence = windowsOf(roomTone(1_000));
      const alone = made.engine.open({ callId: 'alone' });
      const expected = await judge(alone, roomTone(1_000));
      const [loud, quiet] = [made.engine.open({ callId: 'loud' }), made.engine.open({ callId: 'quiet' })];
      for (const [index, window] of silence.entries()) {
        const heard = speech[index];
        const [, probability] = await Promise.all([heard ? loud.push(heard) : 0, quiet.push(window)]);
        expect(probability).toBeCloseTo(expected[index] as number, 4);
      }
      for (const stream of [alone, loud, quiet]) stream.close();
    });

    it('takes a window that is a part of a longer buffer, and leaves it as it is', async () => {
      const [whole, part] = [made.engine.open({ callId: 'whole' }), made.engine.open({ callId: 'part' })];
      const window = order.samples.subarray(order.from, order.from + vadWindowSamples);
      const copy = window.slice();
      expect(await part.push(window)).toBe(await whole.push(copy));
      expect(window).toEqual(copy);
      for (const stream of [whole, part]) stream.close();
    });

    it('refuses windows after a stream is closed; closing twice is no trouble', async () => {
      const stream = made.engine.open({ callId: 'closed' });
      await stream.push(new Float32Array(vadWindowSamples));
      stream.close();
      stream.close();
      await expect(stream.push(new Float32Array(vadWindowSamples))).rejects.toMatchObject({ code: 'vad.closed' });
    });

    it('refuses windows after it is closed itself, and closes twice', async () => {
      const other = await make();
      const stream = other.engine.open({ callId: 'late' });
      await stream.push(new Float32Array(vadWindowSamples));
      await other.engine.close();
      await other.engine.close();
      await expect(stream.push(new Float32Array(vadWindowSamples))).rejects.toMatchObject({ code: 'vad.closed' });
      await other.dispose();
    });
  });
}

function windowsOf(samples: Float32Array): Float32Array[] {
  const windows: Float32Array[] = [];
  for (let at = 0; at + vadWindowSamples <= samples.length; at += vadWindowSamples)
    windows.push(samples.slice(at, at + vadWindowSamples));
  return windows;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
