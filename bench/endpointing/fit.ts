import {
  type CompletenessModel,
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
const rounds = 1_500;

type Example = { readonly features: readonly number[]; readonly complete: 0 | 1 };

/** Ridge logistic regression by gradient descent with Adam (Kingma & Ba 2014) over every silence, at each of its looks. */
export function fitCompleteness(turns: readonly JudgedTurn[]): CompletenessModel {
  const examples = turns.flatMap(({ heard }) =>
    heard.pauses.flatMap((pause): Example[] => {
      const complete = pause.offsetMs > endsMs ? 1 : 0;
      if (complete === 0 && pause.durationMs < leastPauseMs) return [];
      const looks = pause.looks.map((look) => ({ ...look, decayDb: pause.prosody.decayDb }));
      // Each moment once before the words have been read, and once after.
      const readings = pause.wordsOver === undefined ? [undefined] : [undefined, pause.wordsOver];
      return looks.flatMap((_, at) =>
        readings.flatMap((wordsOver) => {
          const silence = { looks: looks.slice(0, at + 1), text: pause.text, wordsOver };
          const features = completenessFeatures(silence, rows);
          return features ? [{ features, complete }] : [];
        }),
      );
    }),
  );
  const model = completenessOf(descend(examples), rows);
  // Hardly any of these recordings pause after a filler or a number: they stand where their likes do.
  return { ...model, cues: { ...model.cues, filler: model.cues.open, number: model.cues.attributive } };
}

function descend(examples: readonly Example[]): number[] {
  const size = examples[0]?.features.length ?? 0;
  const weights = new Array<number>(size).fill(0);
  const first = new Array<number>(size).fill(0);
  const second = new Array<number>(size).fill(0);
  for (let round = 1; round <= rounds; round++) {
    const slope = weights.map((weight) => ridge * weight);
    for (const { features, complete } of examples) {
      const sum = features.reduce((total, feature, at) => total + feature * (weights[at] as number), 0);
      const error = (1 / (1 + Math.exp(-sum)) - complete) / examples.length;
      for (let at = 0; at < size; at++) slope[at] = (slope[at] as number) + error * (features[at] as number);
    }
    for (let at = 0; at < size; at++) {
      const value = slope[at] as number;
      first[at] = 0.9 * (first[at] as number) + 0.1 * value;
      second[at] = 0.999 * (second[at] as number) + 0.001 * value * value;
      const step = (first[at] as number) / (1 - 0.9 ** round);
      weights[at] =
        (weights[at] as number) - (0.05 * step) / (Math.sqrt((second[at] as number) / (1 - 0.999 ** round)) + 1e-8);
    }
  }
  return weights;
}

export function policyOf(settings: EndpointingSettings, model: CompletenessModel): Policy {
  return (cues) => waitingTime(cues, settings, model).waitMs;
}

/** The settings with the shortest mean delay that cut off at most `mostCut` (0..1) of the turns with pauses. */
export function tuneCurve(
  turns: readonly JudgedTurn[],
  model: CompletenessModel,
  mostCut: number,
): EndpointingSettings {
  let best: EndpointingSettings = defaultTurnSettings.endpointing;
  let bestMs = Number.POSITIVE_INFINITY;
  for (const minWaitMs of [224, 256, 288, 320, 384, 448])
    for (const maxWaitMs of [1_200, 1_400, 1_500, 1_600])
      for (const midpoint of [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
        for (const steepness of [4, 6, 9, 14, 25]) {
          const settings = { ...defaultTurnSettings.endpointing, minWaitMs, maxWaitMs, midpoint, steepness };
          const { pausing, pausingCut, delaysMs } = judge(turns, policyOf(settings, model));
          if (pausingCut > mostCut * pausing || mean(delaysMs) >= bestMs) continue;
          best = settings;
          bestMs = mean(delaysMs);
        }
  return best;
}
