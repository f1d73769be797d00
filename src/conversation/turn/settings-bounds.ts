import { overlapLanguages } from './overlap-words.js';
import type { TurnSettings } from './settings.js';

export type NumberBound = { readonly kind: 'number'; readonly min: number; readonly max: number };
export type SettingBound =
  | NumberBound
  | { readonly kind: 'switch' }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  /** Numbers with commas between them, each within the bounds. */
  | { readonly kind: 'list'; readonly min: number; readonly max: number; readonly atMost: number };

/** One bound for each setting, in the shape of the settings: a setting without one does not compile. */
type BoundsOf<T> = T extends number
  ? NumberBound
  : T extends boolean
    ? Extract<SettingBound, { kind: 'switch' }>
    : T extends string
      ? Extract<SettingBound, { kind: 'choice' }>
      : T extends readonly number[]
        ? Extract<SettingBound, { kind: 'list' }>
        : { readonly [K in keyof T]-?: BoundsOf<NonNullable<T[K]>> };

const between = (min: number, max: number): NumberBound => ({ kind: 'number', min, max });
const onOff = { kind: 'switch' } as const;

/** What each setting may be. Outside of these a call would not work at all; what works well is measured, not bounded. */
export const turnSettingsBounds: BoundsOf<TurnSettings> = {
  detection: { kind: 'choice', values: ['auto', 'manual'] },
  respond: onOff,
  endpointing: {
    startThreshold: between(0.05, 0.99),
    stopThreshold: between(0.01, 0.95),
    startMs: between(0, 1_000),
    suspectMs: between(32, 2_000),
    minWaitMs: between(0, 10_000),
    maxWaitMs: between(0, 20_000),
    midpoint: between(0, 1),
    steepness: between(0.1, 100),
    answerWaitMs: between(0, 20_000),
    patientWaitMs: between(0, 20_000),
    lookAgainMs: { kind: 'list', min: 32, max: 5_000, atMost: 8 },
    blindWaitMs: between(0, 20_000),
    retryMs: between(0, 5_000),
  },
  interruption: {
    enabled: onOff,
    language: { kind: 'choice', values: overlapLanguages },
    foreignShare: between(0, 1),
    lookMs: between(32, 5_000),
    wordsAfterMs: between(0, 5_000),
    afterMs: between(0, 5_000),
    beforeReplyMs: between(0, 5_000),
    backchannelMs: between(0, 5_000),
    voicedShare: between(0, 1),
    backgroundDb: between(-60, 0),
    maxLoweredMs: between(0, 5_000),
    maxPausedMs: between(0, 10_000),
    wordEndMs: between(0, 1_000),
  },
  silence: {
    maxSilenceMs: between(100, 600_000),
    idleHangUpMs: between(100, 86_400_000),
    manualIdleHangUpMs: between(100, 86_400_000),
    maxCallMs: between(100, 86_400_000),
  },
  talk: {
    reopening: { withinMs: between(0, 10_000), heardMs: between(0, 5_000), leastMs: between(0, 5_000) },
    collision: { withinMs: between(0, 2_000), yieldAfterMs: between(0, 5_000) },
    prompts: { afterMs: between(100, 3_600_000), most: between(0, 20) },
    keys: { completeAfterMs: between(100, 60_000), most: between(1, 64) },
    working: { fillerAfterMs: between(0, 60_000), mostFillers: between(0, 50) },
    backchannels: {
      enabled: onOff,
      afterMs: between(0, 600_000),
      everyMs: between(0, 600_000),
      maxProbability: between(0, 1),
    },
  },
  treatment: {
    gain: {
      targetLufs: between(-40, -10),
      leastDb: between(-40, 0),
      mostDb: between(0, 40),
      dbPerSecond: between(0.1, 100),
      firstDbPerSecond: between(0.1, 1_000),
    },
    denoise: onOff,
  },
  drafting: {
    lastDrafts: between(1, 64),
    minDrafts: between(1, 64),
    minHitRate: between(0, 1),
    maxQueueMs: between(0, 10_000),
    lateShare: between(0, 1),
  },
};

/** A bound in words, as in "from 0 to 10000". */
export function describeBound(bound: SettingBound): string {
  switch (bound.kind) {
    case 'number':
      return `from ${bound.min} to ${bound.max}`;
    case 'switch':
      return 'true or false';
    case 'choice':
      return bound.values.join(' or ');
    case 'list':
      return `at most ${bound.atMost} numbers from ${bound.min} to ${bound.max}, with commas between them`;
  }
}

type BoundsTree = { readonly [name: string]: SettingBound | BoundsTree };

function isBound(node: SettingBound | BoundsTree): node is SettingBound {
  return typeof node.kind === 'string';
}

/** Every setting by its path, as in `endpointing.minWaitMs`. */
export const settingPaths: ReadonlyMap<string, SettingBound> = new Map(pathsIn(turnSettingsBounds as BoundsTree, ''));

function pathsIn(tree: BoundsTree, before: string): [string, SettingBound][] {
  return Object.entries(tree).flatMap(([name, node]): [string, SettingBound][] =>
    isBound(node) ? [[before + name, node]] : pathsIn(node, `${before}${name}.`),
  );
}
