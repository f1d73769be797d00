import type { OverlapSound } from './overlap-sound.js';
import type { InterruptionSettings } from './settings.js';

/** `quiet-caller`: as quiet as somebody else in the room, with the caller's voice as far as its pitch tells. */
export type OverlapSpeaker = 'caller' | 'quiet-caller' | 'background';

/** Within this of the bar between the caller and the background, a level tells little. */
const doubtDb = 3;
/** A pitch tells something after this much of it. */
const pitchedFromMs = 192;
/**
 * From this share of it on, a pitch about as high as the caller's is taken for the caller's; below the other, for somebody
 * else's. In another second of the same recorded reader, 85 % have the first and 9 % less than the second; in one of
 * another reader, 34 and 51 %.
 */
const ownFrom = 0.5;
const othersBelow = 0.3;

/** Who speaks over the agent, by level and pitch. */
export function speakerOf(sound: OverlapSound, { backgroundDb }: InterruptionSettings): OverlapSpeaker {
  const levelDb = 10 * Math.log10(sound.meanPower);
  const pitched = sound.pitchedMs >= pitchedFromMs;
  const own = sound.ownPitchMs / Math.max(1, sound.pitchedMs);
  if (levelDb >= backgroundDb)
    return pitched && own < othersBelow && levelDb < backgroundDb + doubtDb ? 'background' : 'caller';
  return pitched && own >= ownFrom && levelDb >= backgroundDb - doubtDb ? 'quiet-caller' : 'background';
}
