import {
  type CompletenessModel,
  type CompletenessModels,
  completenessFeatures,
  completenessOf,
} from '../../src/conversation/turn/completeness.js';
import { defaultTurnSettings, type EndpointingSettings } from '../../src/conversation/turn/settings.js';
import { waitingTime } from '../../src/conversation/turn/waiting-time.js';
import { type JudgedTurn, judge, mean, type Policy } from './judge.js';

/** Rows of the model: one look, two, three. */
const rows = 3;
/** What a silence that is no end must last at least, to have been worth a question. */
const leastPauseMs = 180;
const endsMs = -150;
/** Keeps weights small that few recordings speak for. */
const ridge = 0.003;
/** It has settled long before. */
const rounds = 25;

type Example = { readonly features: readonly number[]; readonly complete: 0 | 1 };

/** Fits both models, each on what is known at its time: before the words have been read, and after. */
export function fitCompleteness(turns: readonly JudgedTurn[]): CompletenessModels {
  return { heard: fitted(turns, false), read: fitted(turns, true) };
}

/** Ridge logistic regression over every silence, at each of its looks. */
function fitted(turns: readonly JudgedTurn[], read: boolean): CompletenessModel {
  const examples = turns.flatMap(({ heard }) =>
    heard.pauses.flatMap((pause): Example[] => {
      const complete = pause.offsetMs > endsMs ? 1 : 0;
      if (complete === 0 && pause.durationMs < leastPauseMs) return [];
      const wordsOver = read ? pause.wordsOver : undefined;
      if (read && wordsOver === undefined) return [];
      const looks = pause.looks.map((look) => ({ ...look, decayDb: pause.prosody.decayDb }));
      return looks.flatMap((_, at) => {
        const silence = { looks: looks.slice(0, at + 1), text: pause.text, wordsOver };
        const features = completenessFeatures(silence, rows);
        return features ? [{ features, complete }] : [];
      });
    }),
  );
  const model = completenessOf(solve(examples), rows);
  // Hardly any of these recordings pause after a filler or a number: they stand where their likes do.
  return { ...model, cues: { ...model.cues, filler: model.cues.open, number: model.cues.attributive } };
}

/** The weights of the least penalised loss, by Newton's method (iteratively reweighted least squares). */
function solve(examples: readonly Example[]): number[] {
  const size = examples[0]?.features.length ?? 0;
  const penalty = ridge * examples.length;
  let weights = new Array<number>(size).fill(0);
  for (let round = 1; round <= rounds; round++) {
    const slope = weights.map((weight) => -penalty * weight);
    const curvature = weights.map((_, row) => weights.map((__, column) => (row === column ? penalty : 0)));
    for (const { features, complete } of examples) {
      const sum = features.reduce((total, feature, at) => total + feature * (weights[at] as number), 0);
      const share = 1 / (1 + Math.exp(-sum));
      for (const [row, feature] of features.entries()) {
        if (feature === 0) continue;
        slope[row] = (slope[row] as number) + (complete - share) * feature;
        const line = curvature[row] as number[];
        for (const [column, other] of features.entries())
          line[column] = (line[column] as number) + share * (1 - share) * feature * other;
      }
    }
    const step = solveLinear(curvature, slope);
    weights = weights.map((weight, at) => weight + (step[at] as number));
  }
  return weights;
}

/** Gauss-Jordan elimination with pivots; the penalty keeps the matrix regular. */
function solveLinear(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const lines = matrix.map((line, at) => [...line, right[at] as number]);
  for (let pivot = 0; pivot < lines.length; pivot++) {
    const below = lines.slice(pivot).map((line) => Math.abs(line[pivot] as number));
    const best = pivot + below.indexOf(Math.max(...below));
    [lines[pivot], lines[best]] = [lines[best] as number[], lines[pivot] as number[]];
    const head = lines[pivot] as number[];
    for (const [row, line] of lines.entries()) {
      if (row === pivot) continue;
      const share = (line[pivot] as number) / (head[pivot] as number);
      lines[row] = line.map((value, at) => value - share * (head[at] as number));
    }
  }
  return lines.map((line, at) => (line.at(-1) as number) / (line[at] as number));
}

export function policyOf(settings: EndpointingSettings, models: CompletenessModels): Policy {
  return (cues) => waitingTime(cues, settings, models).waitMs;
}

/** The settings with the shortest mean delay that cut off at most `mostCut` (0..1) of the turns with pauses. */
export function tuneCurve(
  turns: readonly JudgedTurn[],
  models: CompletenessModels,
  mostCut: number,
): EndpointingSettings {
  let best: EndpointingSettings = defaultTurnSettings.endpointing;
  let bestMs = Number.POSITIVE_INFINITY;
  for (const minWaitMs of [224, 256, 288, 320])
    for (const maxWaitMs of [1_400, 1_600])
      for (const midpoint of [0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9])
        for (const steepness of [6, 9, 14, 25]) {
          const settings = { ...defaultTurnSettings.endpointing, minWaitMs, maxWaitMs, midpoint, steepness };
          const { pausing, pausingCut, delaysMs } = judge(turns, policyOf(settings, models));
          if (pausingCut > mostCut * pausing || mean(delaysMs) >= bestMs) continue;
          best = settings;
          bestMs = mean(delaysMs);
        }
  return best;
}
