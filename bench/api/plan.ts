import { randomFrom, shuffled } from '../../src/testing/seeded-random.js';

/** What is asked of the server by one stream after another. */
export const measures = ['speech', 'endpointed', 'committed', 'chat'] as const;
export type Measure = (typeof measures)[number];

/** So many streams at once, each with so many requests one after another. */
export type StreamLevel = { readonly measure: Measure; readonly streams: number; readonly requestsEach: number };

/** What each stream asks for: a text to speak or to answer, or the file of a recording. */
export type StreamPlan = StreamLevel & { readonly inputs: readonly (readonly string[])[] };

const atOnce = [1, 4, 8] as const;

/** Requests of a level, over all of its streams. A recording takes its own time, at any number of streams. */
const requestsOf: Readonly<Record<Measure, number>> = { speech: 48, endpointed: 24, committed: 24, chat: 24 };

/** `least`: a handful of requests, whose figures say only that everything works. */
export function streamLevels(only: readonly Measure[], least: boolean): StreamLevel[] {
  return only.flatMap((measure) =>
    atOnce.map((streams) => ({
      measure,
      streams,
      requestsEach: least ? (streams === 1 ? 3 : 1) : Math.ceil(requestsOf[measure] / streams),
    })),
  );
}

/** All levels go through the same inputs in the same order, from the beginning again when they have run out. */
export function planStreams(
  level: StreamLevel,
  inputs: Readonly<Record<Measure, readonly string[]>>,
  seed: number,
): StreamPlan {
  const sequence = shuffled(randomFrom(seed), inputs[level.measure]);
  const { streams, requestsEach } = level;
  return {
    ...level,
    inputs: Array.from({ length: streams }, (_, stream) =>
      Array.from(
        { length: requestsEach },
        (_, round) => sequence[(round * streams + stream) % sequence.length] ?? [],
      ).flat(),
    ),
  };
}
