import { samplesOf } from '../../audio/frame.js';
import type { RoomTone } from '../../audio/room-tone.js';
import { realtimeRateHz } from '../../client/pcm.js';
import type { CallerClip } from './clip.js';

/** Short enough to touch no word, long enough to make no click. */
const crossfadeSamples = samplesOf(5, realtimeRateHz);

/** A sound as a function of the position in it. */
type Sound = (position: number) => number;

/** The caller's channel without a gap: clips, and room tone wherever there is none. */
export type CallerTrack = {
  /** Whether the next frame begins inside a clip. */
  readonly inClip: boolean;
  /** Goes over to a clip, whose first sample is the next one. */
  play(clip: CallerClip): void;
  /** Leaves the clip for its room tone. */
  cut(): void;
  /** The next `count` samples. */
  next(count: number): Float32Array;
};

/** @param tone what is heard before the first clip */
export function createCallerTrack(tone: RoomTone): CallerTrack {
  let current = loopOf(tone);
  let position = 0;
  let clipLeft = 0;
  let room = current;
  let outgoing: { readonly sound: Sound; position: number } | undefined;
  let faded = 0;

  const switchTo = (sound: Sound): void => {
    outgoing = { sound: current, position };
    faded = 0;
    current = sound;
    position = 0;
  };

  return {
    get inClip() {
      return clipLeft > 0;
    },
    play(clip) {
      room = loopOf(clip.roomTone);
      switchTo(clipWithRoom(clip.samples, room));
      clipLeft = clip.samples.length;
    },
    cut() {
      if (clipLeft === 0) return;
      switchTo(room);
      clipLeft = 0;
    },
    next(count) {
      const samples = new Float32Array(count);
      for (let i = 0; i < count; i++) {
        let sample = current(position++);
        if (outgoing) {
          sample = crossfade(outgoing.sound(outgoing.position++), sample, faded++);
          if (faded === crossfadeSamples) outgoing = undefined;
        }
        samples[i] = sample;
      }
      clipLeft = Math.max(0, clipLeft - count);
      return samples;
    },
  };
}

function loopOf({ loop }: RoomTone): Sound {
  return (position) => loop[position % loop.length] ?? 0;
}

/** The clip, and from its end on its own room. */
function clipWithRoom(samples: Float32Array, room: Sound): Sound {
  const end = samples.length;
  const fadeFrom = Math.max(0, end - crossfadeSamples);
  return (position) => {
    const own = samples[position] ?? 0;
    if (position < fadeFrom) return own;
    const behind = room(position - fadeFrom);
    return position >= end ? behind : crossfade(own, behind, position - fadeFrom);
  };
}

function crossfade(from: number, to: number, step: number): number {
  const angle = (Math.PI / 2) * ((step + 0.5) / crossfadeSamples);
  return from * Math.cos(angle) + to * Math.sin(angle);
}
