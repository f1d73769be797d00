import { speakerOf } from './overlap-speaker.js';
import type { InterruptionSettings } from './settings.js';
import type { Overlap } from './state.js';

/** An overlap with less speech, or less of a pitch, than this has no words worth asking for. */
const wordsFromMs = 96;
/** A caller so quiet that it could be anybody is heard when they have said so much, in so many different words. */
const quietCallerMs = 960;
const quietCallerWords = 3;

export type Verdict = 'undecided' | 'backchannel' | 'stop-begun' | 'interruption' | 'stop-word';

/** What an overlap is, from all that is known of it. */
export function verdictOn(
  overlap: Overlap,
  { audible }: { readonly audible: boolean },
  settings: InterruptionSettings,
): Verdict {
  const { speechMs, voicedMs, meaning, stopBegun } = overlap;
  const speaker = speakerOf(overlap, settings);
  // Whatever they say.
  if (speaker === 'background') return 'undecided';
  const voiced = voicedMs >= settings.voicedShare * speechMs;
  if (speaker === 'quiet-caller') return voiced && saysMuch(overlap) ? 'interruption' : 'undecided';
  const lasting = (afterMs: number): Verdict => (voiced && speechMs >= afterMs ? 'interruption' : 'undecided');
  switch (meaning) {
    case 'stop':
      return 'stop-word';
    case 'backchannel':
      return speechMs < settings.backchannelMs ? 'backchannel' : lasting(settings.backchannelMs);
    case 'speech':
    case 'none':
      if (wordsCount(overlap, settings)) return 'interruption';
      if (audible && voiced && stopBegun && speechMs < settings.afterMs) return 'stop-begun';
      return lasting(audible ? settings.afterMs : settings.beforeReplyMs);
  }
}

/** Whether there are words, and of enough speech to be right. */
export function wordsCount({ meaning, speechMs }: Overlap, { wordsAfterMs }: InterruptionSettings): boolean {
  return meaning !== 'none' && speechMs >= wordsAfterMs;
}

/** Enough of the caller's voice, and of words, to be no chance likeness. */
export function saysMuch({ speechMs, meaning, words }: Pick<Overlap, 'speechMs' | 'meaning' | 'words'>): boolean {
  const spoken = meaning === 'speech' || meaning === 'stop';
  return spoken && speechMs >= quietCallerMs && words >= quietCallerWords;
}

/** A short overlap may be all that the caller has to say ("stop"): its words decide. */
export function worthWords(overlap: Overlap, settings: InterruptionSettings): boolean {
  const { speechMs, voicedMs, meaning } = overlap;
  return (
    meaning !== 'backchannel' &&
    speakerOf(overlap, settings) !== 'background' &&
    speechMs >= wordsFromMs &&
    voicedMs >= Math.max(wordsFromMs, settings.voicedShare * speechMs)
  );
}
