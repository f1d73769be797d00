/**
 * The settings that `parley tune` searches, and the values that it tries: all combinations in which the bounds are in
 * order. Another setting of the waiting time is searched by a line here.
 */
export const tuneGrid = {
  'endpointing.minWaitMs': [200, 250, 300, 400, 600, 800],
  'endpointing.maxWaitMs': [800, 1_200, 1_600, 2_000],
  'endpointing.midpoint': [0.5, 0.65, 0.75, 0.85],
  'endpointing.steepness': [9, 25],
} as const;

/** Settings that decide what was asked about a silence, and when. The log answers those questions, so they stay. */
export const keptSettings: readonly string[] = [
  'endpointing.startThreshold',
  'endpointing.stopThreshold',
  'endpointing.startMs',
  'endpointing.suspectMs',
  'endpointing.retryMs',
  'endpointing.lookAgainMs',
];
