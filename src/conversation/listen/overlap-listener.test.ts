import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../analyser/statistics.js';
import { OverlapListener } from './overlap-listener.js';

const rateHz = 16_000;
const window = 512;

/** Syllables: bursts of a few harmonics at changing pitch and level, with gaps between. */
function babble(seed: number, ms: number, level: number): Float32Array {
  const random = seededRandom(seed);
  const out = new Float32Array((ms * rateHz) / 1_000);
  for (let at = 0; at < out.length; ) {
    const length = Math.round((0.08 + 0.17 * random()) * rateHz);
    const hz = 110 + 120 * random();
    const formant = 400 + 2_200 * random();
    const loud = level * (0.3 + 0.7 * random());
    for (let i = 0; i < length && at + i < out.length; i++) {
      let x = 0;
      for (let k = 1; k * hz < 3_600; k++)
        x += Math.sin((2 * Math.PI * k * hz * i) / rateHz) / (1 + (Math.abs(k * hz - formant) / 300) ** 2);
      out[at + i] = x * loud * 0.3 * Math.sin((Math.PI * i) / length);
    }
    at += length + Math.round(0.1 * random() * rateHz);
  }
  return out;
}

/** Harmonics of one pitch. */
function vowel(hz: number, from: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    let x = 0;
    for (let k = 1; k * hz < 3_600; k++) x += Math.sin((2 * Math.PI * k * hz * (from + i)) / rateHz) / k;
    return 0.2 * x;
  });
}

/** Mean share that is not ours, window by window, with the agent's sound coming back at this level and delay. */
function foreignShares(agent: Float32Array, caller: Float32Array, echo: { gain: number; delayMs: number }): number[] {
  const listener = new OverlapListener(rateHz);
  const noise = seededRandom(99);
  const delay = (echo.delayMs * rateHz) / 1_000;
  const shares: number[] = [];
  for (let at = 0; at + window <= agent.length; at += window) {
    listener.play(agent.subarray(at, at + window), (at * 1_000) / rateHz);
    const heard = Float32Array.from({ length: window }, (_, i) => {
      const back = (agent[at + i - delay] ?? 0) * echo.gain;
      return back + (caller[at + i] ?? 0) + (noise() - 0.5) * 0.001;
    });
    shares.push(listener.judge(heard, 0.9)?.foreign ?? -1);
  }
  return shares;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('what is heard over the agent', () => {
  const agent = babble(1, 8_000, 0.3);
  const nobody = new Float32Array(0);

  it.each([
    [0, 80],
    [-10, 150],
    [-20, 250],
    [-30, 150],
  ])('an echo of %d dB after %d ms is ours, from the first second on', (levelDb, delayMs) => {
    const shares = foreignShares(agent, nobody, { gain: 10 ** (levelDb / 20), delayMs });
    expect(mean(shares.slice(0, 60))).toBeLessThan(0.1);
    expect(mean(shares.slice(60))).toBeLessThan(0.1);
  });

  it('an echo is ours from its first sound on, though a caller has spoken for long since the last reply', () => {
    const silence = new Float32Array(6 * rateHz);
    const both = new Float32Array(2 * agent.length + silence.length);
    both.set(agent);
    both.set(babble(4, 8_000, 0.3), agent.length + silence.length);
    const shares = foreignShares(both, nobody, { gain: 10 ** (-10 / 20), delayMs: 250 });
    const second = Math.floor((agent.length + silence.length) / window);
    expect(Math.max(...shares.slice(second, second + 40))).toBeLessThan(0.2);
  });

  it.each([0, 10 ** (-20 / 20)])('a caller is not, whatever comes back (gain %d)', (gain) => {
    const caller = new Float32Array(agent.length);
    caller.set(babble(2, 3_000, 0.3), 4 * rateHz);
    const shares = foreignShares(agent, caller, { gain, delayMs: 150 });
    expect(mean(shares.slice(127, 215))).toBeGreaterThan(0.4);
  });

  it('tells how high a voice is against the one that spoke before, where none of the agent comes back', () => {
    const listener = new OverlapListener(rateHz);
    const judge = (hz: number, from: number) => listener.judge(vowel(hz, from, window), 0.9)?.semitones;
    let at = 0;
    for (; at < rateHz; at += window) expect(judge(120, at)).toBeUndefined();
    const heard: (number | undefined)[] = [];
    for (const end = at + agent.length; at + window <= end; at += window) {
      const played = at - (end - agent.length);
      listener.play(agent.subarray(played, played + window), (at * 1_000) / rateHz);
      const voice = played < agent.length / 2 ? 0 : played < (3 * agent.length) / 4 ? 125 : 180;
      const said = voice === 0 ? listener.judge(new Float32Array(window), 0.1)?.semitones : judge(voice, at);
      heard.push(said);
    }
    const quarter = Math.floor(heard.length / 4);
    expect(heard[3 * quarter - 2]).toBeCloseTo(0.7, 0);
    expect(heard[4 * quarter - 2]).toBeCloseTo(7, 0);
  });

  it('nothing is said of windows in which we cannot be', () => {
    const listener = new OverlapListener(rateHz);
    expect(listener.judge(babble(3, 32, 0.3), 0.9)).toBeUndefined();
  });
});
