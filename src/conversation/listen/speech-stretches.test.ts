import { describe, expect, it } from 'vitest';
import { samplesOf } from '../../audio/frame.js';
import { ScriptedVoiceActivity } from '../../testing/scripted-voice-activity.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import { type StretchEvent, speechStretches } from './speech-stretches.js';

const rateHz = 16_000;
const noise = (ms: number): Float32Array =>
  Float32Array.from({ length: samplesOf(ms, rateHz) }, (_, i) => (i % 2 ? 0.2 : -0.2));
const silence = (ms: number): Float32Array => new Float32Array(samplesOf(ms, rateHz));

async function stretches(...audio: Float32Array[]): Promise<Extract<StretchEvent, { type: 'speech' }>[]> {
  const vad = new ScriptedVoiceActivity({ clock: new VirtualClock({ auto: true }) });
  const found: Extract<StretchEvent, { type: 'speech' }>[] = [];
  for await (const event of speechStretches(audio, vad)) if (event.type === 'speech') found.push(event);
  return found;
}

describe('stretches of speech', () => {
  it('are divided at longer pauses, with a little of what is around them', async () => {
    const found = await stretches(silence(1_000), noise(2_000), silence(400), noise(1_000), silence(2_000), noise(500));
    expect(found).toHaveLength(2);
    expect(found[0]?.fromMs).toBeGreaterThan(650);
    expect(found[0]?.fromMs).toBeLessThan(1_000);
    expect(found[0]?.toMs).toBeGreaterThan(4_400);
    expect(found[0]?.toMs).toBeLessThan(4_600);
    expect(found[1]?.fromMs).toBeGreaterThan(6_000);
  });

  it('are no longer than the recogniser hears, and lose nothing where there is no pause', async () => {
    const found = await stretches(noise(47_000));
    expect(Math.max(...found.map(({ fromMs, toMs }) => toMs - fromMs))).toBeLessThan(16_000);
    expect(found.reduce((sum, { samples }) => sum + samples.length, 0)).toBe(samplesOf(47_000, rateHz));
    for (const [index, { fromMs }] of found.entries()) if (index > 0) expect(fromMs).toBe(found[index - 1]?.toMs);
  });

  it('are not found in silence, nor in nothing', async () => {
    expect(await stretches(silence(5_000))).toEqual([]);
    expect(await stretches()).toEqual([]);
  });
});
