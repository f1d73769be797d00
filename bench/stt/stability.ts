import type { TappedEvent } from './tap.js';

export type Stability = {
  /** From the end of each word to the first partial that calls it stable (or to the final), by the audio spoken. */
  readonly lagsMs: readonly number[];
  /** Words that were called stable before the last final. */
  readonly stableWords: number;
  readonly corrections: number;
  /** From the first word's beginning to the first partial with a word. */
  readonly firstPartialMs: number | undefined;
};

/** How soon words were stable, utterance by utterance of one recording; times of words are the last final's. */
export function stabilityOf(events: readonly TappedEvent[]): Stability[] {
  const utterances = [...new Set(events.map(({ event }) => event.utterance))];
  return utterances.flatMap((utterance) => {
    const own = events.filter(({ event }) => event.utterance === utterance);
    const final = own.findLast(({ event }) => event.type === 'final');
    if (final?.event.type !== 'final' || final.event.words.length === 0) return [];
    const partials = own.flatMap(({ event, spokenMs }) => (event.type === 'partial' ? [{ ...event, spokenMs }] : []));
    const first = partials.find(({ text }) => text !== '');
    return [
      {
        lagsMs: final.event.words.map(({ endMs }, index) => {
          const stable = partials.find(({ stableWords }) => stableWords > index);
          return Math.max(0, (stable?.spokenMs ?? final.spokenMs) - endMs);
        }),
        stableWords: Math.max(0, ...partials.map(({ stableWords }) => stableWords)),
        corrections: own.filter(({ event }) => event.type === 'correction').length,
        firstPartialMs: first && first.spokenMs - (final.event.words[0]?.startMs ?? 0),
      },
    ];
  });
}
