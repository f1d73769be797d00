import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatSamples, samplesOf } from '../../src/audio/frame.js';
import type { EndOfTurn } from '../../src/ports/end-of-turn.js';
import { recordedOrder, roomTone } from './recorded-speech.js';

export type EndOfTurnUnderTest = { readonly engine: EndOfTurn; readonly dispose: () => Promise<void> };

/** What every {@link EndOfTurn} keeps to. */
export function describeEndOfTurnConformance(name: string, make: () => Promise<EndOfTurnUnderTest>): void {
  describe(`${name} as end of turn`, () => {
    const { signal } = new AbortController();
    let made: EndOfTurnUnderTest;
    let speech: Float32Array;

    beforeAll(async () => {
      made = await make();
      const { samples, from, to } = await recordedOrder();
      speech = samples.slice(from, to + 3_200);
    });
    afterAll(() => made?.dispose());

    it('answers with a probability for speech, for silence, for a sample and for nothing', async () => {
      for (const samples of [
        speech,
        roomTone(1_000),
        new Float32Array(16_000),
        Float32Array.of(0.5),
        new Float32Array(0),
      ]) {
        const { probability, computeMs } = await made.engine.predict(samples, { signal });
        expect(probability).toBeGreaterThanOrEqual(0);
        expect(probability).toBeLessThanOrEqual(1);
        expect(computeMs).toBeGreaterThanOrEqual(0);
      }
    });

    it('looks at the last part only, and leaves the audio as it is', async () => {
      const lookBack = samplesOf(made.engine.lookBackMs, 16_000);
      const recent = concatSamples([roomTone(made.engine.lookBackMs), speech]).slice(-lookBack);
      const long = concatSamples([speech, speech, recent]);
      const copy = long.slice();
      const whole = await made.engine.predict(long, { signal });
      const part = await made.engine.predict(recent, { signal });
      expect(whole.probability).toBeCloseTo(part.probability, 5);
      expect(long).toEqual(copy);
    });

    it('answers several at once', async () => {
      const results = await Promise.all(
        [speech, roomTone(500), speech].map((each) => made.engine.predict(each, { signal })),
      );
      for (const { probability } of results) expect(probability).toBeGreaterThanOrEqual(0);
    });

    it('rejects with the reason when its signal has aborted', async () => {
      const aborted = AbortSignal.abort(new Error('they went on'));
      await expect(made.engine.predict(speech, { signal: aborted })).rejects.toThrow('they went on');
      await expect(made.engine.predict(speech, { signal })).resolves.toBeDefined();
    });

    it('closes twice', async () => {
      const other = await make();
      await other.engine.close();
      await other.engine.close();
      await other.dispose();
    });
  });
}
