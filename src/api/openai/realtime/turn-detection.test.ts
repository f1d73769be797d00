import { describe, expect, it } from 'vitest';
import { defaultTurnSettings } from '../../../conversation/turn/settings.js';
import { waitingTime } from '../../../conversation/turn/waiting-time.js';
import type { ExpectedAnswer } from '../../../ports/expected-answer.js';
import { prefixPaddingMs, type TurnDetection, turnSettingsOf, updateTurnDetection } from './turn-detection.js';

const cues = (probability: number | undefined) => ({
  looks: probability === undefined ? [] : [{ silenceMs: 96, probability }],
  text: 'A tea, please.',
});

const settings = (update: Parameters<typeof updateTurnDetection>[1]) =>
  turnSettingsOf(updateTurnDetection(undefined, update));

describe('turn detection as turn settings', () => {
  it('leaves the measured defaults as they are for semantic_vad', () => {
    expect(settings({ type: 'semantic_vad' })).toEqual(defaultTurnSettings);
    expect(settings({ type: 'semantic_vad', eagerness: 'auto' })).toEqual(defaultTurnSettings);
  });

  it("begins with the server's own settings, where a client names nothing else", () => {
    const { endpointing } = defaultTurnSettings;
    const usual = { ...defaultTurnSettings, endpointing: { ...endpointing, minWaitMs: 400, suspectMs: 160 } };
    const named = (update: Parameters<typeof updateTurnDetection>[1]) =>
      turnSettingsOf(updateTurnDetection(undefined, update), usual).endpointing;
    expect(named({ type: 'semantic_vad' })).toEqual(usual.endpointing);
    expect(named({ type: 'semantic_vad', eagerness: 'medium' })).toMatchObject({ minWaitMs: 800, suspectMs: 160 });
    expect(named({ type: 'server_vad', silence_duration_ms: 700 })).toMatchObject({ minWaitMs: 700, suspectMs: 160 });
  });

  it('waits longer the less eager it is, within the bounds of the protocol', () => {
    const waits = (['high', 'medium', 'low'] as const).map((eagerness) => {
      const { endpointing } = settings({ type: 'semantic_vad', eagerness });
      return [1, 0.5, 0, undefined].map((probability) => waitingTime(cues(probability), endpointing).waitMs);
    });
    for (const column of [0, 1, 2, 3]) {
      const [high = 0, medium = 0, low = 0] = waits.map((row) => row[column]);
      expect(high).toBeLessThan(medium);
      expect(medium).toBeLessThan(low);
    }
    for (const row of waits) expect(row[2]).toBeLessThanOrEqual(8_000);
  });

  it.each([
    // At least, at most, no estimate, an answer that is there, one that has begun.
    ['high', [250, 1_200, 700, 180, 2_000]],
    ['medium', [800, 4_000, 1_500, 400, 4_000]],
    ['low', [1_200, 8_000, 3_000, 800, 8_000]],
  ] as const)('with eagerness %s waits as documented', (eagerness, waits) => {
    const { endpointing } = settings({ type: 'semantic_vad', eagerness });
    const wait = (text: string, expected: ExpectedAnswer) =>
      waitingTime({ ...cues(0.5), text, expected }, endpointing).waitMs;
    const free: ExpectedAnswer = { kind: 'free' };
    expect([endpointing.minWaitMs, endpointing.maxWaitMs]).toEqual(waits.slice(0, 2));
    expect(waitingTime(cues(undefined), endpointing).waitMs).toBe(waits[2]);
    expect(wait('Yes.', { kind: 'yes-no' })).toBe(waits[3]);
    expect(wait('5 5', { kind: 'number', of: 'phone', minDigits: 10, maxDigits: 10 })).toBe(waits[4]);
    expect(wait('A tea with', free)).toBeGreaterThan(wait('A tea with milk, and a cake.', free));
  });

  it('waits a fixed time for server_vad, whatever the end-of-turn model says', () => {
    const { endpointing } = settings({ type: 'server_vad', silence_duration_ms: 700 });
    for (const probability of [undefined, 0, 0.5, 1])
      expect(waitingTime(cues(probability), endpointing).waitMs, String(probability)).toBe(700);
  });

  it('uses the thresholds of server_vad with a gap, and keeps them where speech is possible', () => {
    const thresholds = (threshold: number) => {
      const { startThreshold, stopThreshold } = settings({ type: 'server_vad', threshold }).endpointing;
      return [startThreshold, stopThreshold];
    };
    expect(thresholds(0.8)[1]).toBeCloseTo(0.65);
    expect(thresholds(0)).toEqual([0.1, 0.05]);
    expect(thresholds(1)[0]).toBe(0.95);
  });

  it('cannot wait for less silence than a transcript needs', () => {
    expect(updateTurnDetection(undefined, { type: 'server_vad', silence_duration_ms: 0 })).toMatchObject({
      silence_duration_ms: 96,
    });
  });

  it('is manual for null: nothing is detected and nothing answered unasked', () => {
    expect(settings(null)).toEqual({ ...defaultTurnSettings, detection: 'manual', respond: false });
  });

  it('maps who answers and who may interrupt', () => {
    const quiet = settings({ type: 'semantic_vad', create_response: false, interrupt_response: false });
    expect(quiet.respond).toBe(false);
    expect(quiet.interruption.enabled).toBe(false);
  });

  it('changes only what an update names, while the type stays', () => {
    const first = updateTurnDetection(undefined, {
      type: 'server_vad',
      threshold: 0.7,
      prefix_padding_ms: 100,
      create_response: false,
    });
    const second = updateTurnDetection(first, { type: 'server_vad', silence_duration_ms: 900, idle_timeout_ms: 6_000 });
    expect(second).toEqual({
      type: 'server_vad',
      threshold: 0.7,
      prefix_padding_ms: 100,
      silence_duration_ms: 900,
      idle_timeout_ms: 6_000,
      create_response: false,
      interrupt_response: true,
    } satisfies TurnDetection);
    expect(prefixPaddingMs(second)).toBe(100);
    expect(updateTurnDetection(second, { type: 'semantic_vad' })).toMatchObject({ eagerness: 'auto' });
    expect(prefixPaddingMs(null)).toBe(0);
  });
});
