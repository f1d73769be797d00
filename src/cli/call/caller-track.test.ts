import { describe, expect, it } from 'vitest';
import { createCallerTrack } from './caller-track.js';
import type { CallerClip } from './clip.js';

const tone = (value: number) => ({ loop: new Float32Array(1_000).fill(value), fromMs: 0 });

/** A clip of rising numbers in a room of constant ones, so that every sample tells where it comes from. */
function clip(length: number, room: number): CallerClip {
  return {
    file: 'a.wav',
    samples: Float32Array.from({ length }, (_, i) => i + 10),
    speech: { startMs: 0, endMs: 1 },
    speechFrom: 'label',
    roomTone: tone(room),
  };
}

describe("the caller's track", () => {
  it('is room tone until a clip plays and after it, and changes over within 5 ms', () => {
    const track = createCallerTrack(tone(1));
    expect([...track.next(480)]).toEqual(Array(480).fill(1));
    track.play(clip(1_000, 2));
    const samples = [...track.next(480), ...track.next(480), ...track.next(480)];
    expect(samples.slice(120, 880)).toEqual(Array.from({ length: 760 }, (_, i) => i + 130));
    expect(samples.slice(1_000)).toEqual(Array(440).fill(2));
  });

  it('knows whether the next frame is inside a clip', () => {
    const track = createCallerTrack(tone(1));
    expect(track.inClip).toBe(false);
    track.play(clip(600, 2));
    expect(track.inClip).toBe(true);
    track.next(480);
    expect(track.inClip).toBe(true);
    track.next(480);
    expect(track.inClip).toBe(false);
  });

  it('leaves a clip that is cut for its room, without a step', () => {
    const track = createCallerTrack(tone(1));
    track.play(clip(5_000, 2));
    track.next(480);
    track.cut();
    expect(track.inClip).toBe(false);
    const samples = track.next(480);
    // The clip would have gone on with 490.
    expect(Math.abs((samples[0] as number) - 490)).toBeLessThan(10);
    expect([...samples.slice(120)]).toEqual(Array(360).fill(2));
  });

  it('changes from clip to clip', () => {
    const track = createCallerTrack(tone(1));
    track.play(clip(5_000, 2));
    track.next(480);
    track.play(clip(5_000, 3));
    expect(track.next(480)[479]).toBe(489);
  });

  it('leaves alone what is not a clip', () => {
    const track = createCallerTrack(tone(1));
    track.cut();
    expect([...track.next(480)]).toEqual(Array(480).fill(1));
  });
});
