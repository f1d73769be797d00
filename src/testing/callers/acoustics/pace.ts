import { durationMs, samplesOf } from '../../../audio/frame.js';
import { type CallerSound, joinedSoftly, type Stretch } from './caller-sound.js';
import { throughSonic } from './sonic.js';

/**
 * The caller at `pace` times their own (0.4 to 2.5: 1.3 is in a hurry), with their own voice; pauses change with the rest.
 * Speech and pauses are stretched apart from one another, so where speech begins and ends stays exact. Words inside a
 * stretch of speech are placed in proportion, which is good to some 20 ms.
 */
export async function changePace(sound: CallerSound, pace: number): Promise<CallerSound> {
  const { rateHz } = sound;
  const parts: Float32Array[] = [];
  /** Where in the sound as it was, and as it is now, in samples. */
  const anchors: { readonly from: number; readonly to: number }[] = [{ from: 0, to: 0 }];
  let from = 0;
  let to = 0;
  for (const edge of [...edgesOf(sound), sound.samples.length]) {
    if (edge <= from) continue;
    const part = await throughSonic(sound.samples.subarray(from, edge), rateHz, { speed: pace });
    parts.push(part);
    from = edge;
    to += part.length;
    anchors.push({ from, to });
  }
  const place = (ms: number): number => {
    const at = Math.min(sound.samples.length, samplesOf(ms, rateHz));
    const index = Math.max(
      1,
      anchors.findIndex((anchor) => anchor.from >= at),
    );
    const before = anchors[index - 1] ?? { from: 0, to: 0 };
    const behind = anchors[index] ?? before;
    const share = behind.from === before.from ? 0 : (at - before.from) / (behind.from - before.from);
    return durationMs(before.to + share * (behind.to - before.to), rateHz);
  };
  const moved = <Part extends Stretch>(part: Part): Part => ({
    ...part,
    startMs: place(part.startMs),
    endMs: place(part.endMs),
  });
  return {
    samples: joinedSoftly(parts, rateHz),
    rateHz,
    speech: sound.speech.map(moved),
    ...(sound.words ? { words: sound.words.map(moved) } : {}),
  };
}

/** Where speech begins and ends, in samples. */
function edgesOf({ speech, samples, rateHz }: CallerSound): number[] {
  return speech.flatMap(({ startMs, endMs }) =>
    [startMs, endMs].map((ms) => Math.min(samples.length, samplesOf(ms, rateHz))),
  );
}
