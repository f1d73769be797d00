import { describe, expect, it } from 'vitest';
import { rmsDb } from '../analyser/level.js';
import { syntheticCall } from '../analyser/synthetic-call.js';
import { roomToneOf } from './room-tone.js';

const rateHz = 24_000;

/** Speech from 500 to 2,000 ms in a room of `noiseDb`, or in digital silence. */
function recording(noiseDb: number | undefined, change: (samples: Float32Array) => void = () => {}): Float32Array {
  const call = syntheticCall({
    rateHz,
    durationMs: 4_000,
    caller: [{ startMs: 500, endMs: 2_000 }],
    agent: [],
    ...(noiseDb === undefined ? {} : { callerNoiseDb: noiseDb }),
  });
  const samples = call.channels[0] ?? new Float32Array(0);
  change(samples);
  return samples;
}

function level(samples: Float32Array): number {
  return rmsDb(samples, 0, samples.length, 0);
}

describe('room tone', () => {
  it('is the recording itself where nobody speaks, at its own level', () => {
    const { loop, fromMs } = roomToneOf(recording(-60), rateHz);
    expect(fromMs === null || (fromMs >= 500 && fromMs < 2_000)).toBe(false);
    expect(Math.abs(level(loop) + 60)).toBeLessThan(1);
    expect(loop.length).toBe((500 - 60) * 24);
  });

  it('is the quietest stretch', () => {
    const samples = recording(-50, (own) => {
      for (let i = 3_000 * 24; i < 3_500 * 24; i++) own[i] = (own[i] as number) * 0.3;
    });
    expect(roomToneOf(samples, rateHz).fromMs).toBe(3_000);
  });

  it('is never digital silence', () => {
    const samples = recording(-60, (own) => own.fill(0, 2_500 * 24, 3_500 * 24));
    const { loop, fromMs } = roomToneOf(samples, rateHz);
    expect(fromMs).not.toBeNull();
    expect(Math.abs(level(loop) + 60)).toBeLessThan(1);
  });

  it('repeats without a seam, at an even level', () => {
    // A hum in little noise: a loop that is merely cut out would jump by much of the hum.
    const samples = recording(-80, (own) => {
      for (let i = 0; i < own.length; i++)
        own[i] = (own[i] as number) + 0.004 * Math.sin((2 * Math.PI * 40 * i) / rateHz);
    });
    const { loop, fromMs } = roomToneOf(samples, rateHz);
    expect(fromMs).not.toBeNull();
    const seam = Math.abs((loop[0] as number) - (loop.at(-1) as number));
    expect(seam).toBeLessThan(0.0008);

    const noise = roomToneOf(recording(-60), rateHz).loop;
    expect(Math.abs(level(noise.subarray(-60 * 24)) + 60)).toBeLessThan(1.5);
  });

  it('may be as quiet as a good studio', () => {
    const { loop, fromMs } = roomToneOf(recording(-90), rateHz);
    expect(fromMs).not.toBeNull();
    expect(Math.abs(level(loop) + 90)).toBeLessThan(1);
  });

  it('is not the end of a word, though the rest be digital silence', () => {
    const samples = recording(undefined);
    for (let i = 2_000 * 24; i < 2_600 * 24; i++) samples[i] = 0.01 * Math.sin(i);
    for (let i = 3_000 * 24; i < 3_250 * 24; i++) samples[i] = 0.0002 * Math.sin(i);
    expect(roomToneOf(samples, rateHz).fromMs).toBeNull();
  });

  it.each([
    ['speech without a room', recording(undefined), -55],
    ['unbroken speech', recording(-60).subarray(600 * 24, 1_900 * 24), -55],
    ['nothing', new Float32Array(0), -65],
    ['less than a stretch', recording(-60).subarray(0, 200 * 24), -60],
  ])('is low noise where the file has none: %s', (_, samples, db) => {
    const { loop, fromMs } = roomToneOf(samples, rateHz);
    expect(fromMs).toBeNull();
    expect(Math.abs(level(loop) - db)).toBeLessThan(1.5);
  });
});
