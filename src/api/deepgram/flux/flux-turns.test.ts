import { describe, expect, it } from 'vitest';
import { defaultTurnSettings } from '../../../conversation/turn/settings.js';
import type { LiveEvent } from '../../../platform/layers/transcription/live-events.js';
import { endpointingOf } from './flux-query.js';
import { FluxTurns } from './flux-turns.js';

const words = (text: string) =>
  text
    .split(' ')
    .map((word, index) => ({ text: word, startMs: 100 * index, endMs: 100 * index + 90, confidence: 0.9 }));

const started: LiveEvent = { type: 'speech-started', utterance: 1, atMs: 500 };
const partial = (text: string): LiveEvent => ({
  type: 'partial',
  utterance: 1,
  text,
  stableWords: 0,
  startMs: 300,
  atMs: 900,
});
const suspected = (text: string, probability: number): LiveEvent => ({
  type: 'end-suspected',
  utterance: 1,
  revision: 1,
  text,
  words: words(text),
  startMs: 300,
  speechEndMs: 1_000,
  probability,
  waitMs: 400,
  because: '',
});
const final = (text: string, ending: 'endpoint' | 'length', probability = 0.9): LiveEvent => ({
  type: 'final',
  utterance: 1,
  text,
  words: words(text),
  startMs: 300,
  endMs: 1_400,
  speechEndMs: 1_000,
  probability,
  ending,
  because: '',
});

function told(events: readonly LiveEvent[], eager?: number): string[] {
  const turns = new FluxTurns({ eot_threshold: 0.7, eager_eot_threshold: eager, eot_timeout_ms: undefined });
  return events
    .flatMap((event) => turns.infosOf(event))
    .map(({ event, turn_index, transcript }) => `${turn_index} ${event}: ${transcript}`);
}

describe('turns as Flux tells them', () => {
  it('take an early end back when its words prove to be others', () => {
    expect(told([started, partial('two'), suspected('two tea', 0.8), final('two teas', 'endpoint')], 0.5)).toEqual([
      '0 StartOfTurn: two',
      '0 Update: two tea',
      '0 EagerEndOfTurn: two tea',
      '0 TurnResumed: two teas',
      '0 EagerEndOfTurn: two teas',
      '0 EndOfTurn: two teas',
    ]);
  });

  it('go on over an utterance that was cut for its length', () => {
    expect(told([started, partial('one'), final('one two', 'length'), started, final('three', 'endpoint')])).toEqual([
      '0 StartOfTurn: one',
      '0 EndOfTurn: one two three',
    ]);
  });

  it('do not begin with noise, and end when what was heard was none', () => {
    const dropped: LiveEvent = { type: 'dropped', utterance: 1, atMs: 1_500 };
    expect(told([started, dropped])).toEqual([]);
    expect(told([started, partial('uh'), dropped, started, partial('yes')])).toEqual([
      '0 StartOfTurn: uh',
      '0 EndOfTurn: ',
      '1 StartOfTurn: yes',
    ]);
  });

  it('tell no update between an early end and what becomes of it', () => {
    expect(told([started, suspected('two', 0.6), partial('two te')], 0.5)).toEqual([
      '0 StartOfTurn: two',
      '0 EagerEndOfTurn: two',
    ]);
  });
});

describe('the thresholds of Flux', () => {
  it('move the waiting curve of calls, which is their standard', () => {
    const { midpoint, maxWaitMs } = defaultTurnSettings.endpointing;
    const standard = { eot_threshold: 0.7, eager_eot_threshold: undefined, eot_timeout_ms: undefined };
    expect(endpointingOf(standard)).toMatchObject({ type: 'turn', midpoint, maxWaitMs });
    expect(endpointingOf({ ...standard, eot_threshold: 0.6, eot_timeout_ms: 500 })).toMatchObject({
      midpoint: expect.closeTo(midpoint - 0.1),
      maxWaitMs: 500,
      blindWaitMs: 500,
    });
    expect(endpointingOf({ ...standard, eot_threshold: 1 })).toEqual({ type: 'manual' });
    expect(endpointingOf({ ...standard, eot_threshold: 1, eot_timeout_ms: 700 })).toEqual({
      type: 'silence',
      silenceMs: 700,
    });
  });
});
