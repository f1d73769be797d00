import { describe, expect, it } from 'vitest';
import { verdictOn } from './overlap-verdict.js';
import type { Overlap } from './state.js';
import { turnSettings } from './turn-fixture.js';

describe('the verdict on an overlap', () => {
  const { interruption } = turnSettings();
  const over: Overlap = {
    reply: 0,
    speechMs: 300,
    voicedMs: 250,
    meanPower: 1,
    loudestDb: 0,
    pitchedMs: 0,
    ownPitchMs: 0,
    fading: false,
    meaning: 'none',
    words: 0,
    worded: false,
    stopBegun: false,
    loweredMs: 0,
    pausedMs: undefined,
  };
  const quietly = { speechMs: 960, voicedMs: 800, meanPower: 0.08, pitchedMs: 640, ownPitchMs: 500 };
  it.each<[string, Partial<Overlap>, string]>([
    ['speech without words', {}, 'undecided'],
    ['longer speech without words', { speechMs: 320 }, 'interruption'],
    ['a long noise without pitch', { speechMs: 900, voicedMs: 100 }, 'undecided'],
    [
      'somebody in the background',
      { speechMs: 2_000, voicedMs: 1_500, meanPower: 0.05, meaning: 'speech' },
      'undecided',
    ],
    ['a backchannel', { meaning: 'backchannel' }, 'backchannel'],
    ['a backchannel that does not end', { speechMs: 960, voicedMs: 800, meaning: 'backchannel' }, 'interruption'],
    ['a stop word', { speechMs: 64, voicedMs: 32, meaning: 'stop' }, 'stop-word'],
    ['words', { meaning: 'speech' }, 'interruption'],
    ['a word after an instant', { speechMs: 128, meaning: 'speech' }, 'undecided'],
    ['a caller who is as quiet', { ...quietly, meaning: 'speech', words: 3 }, 'interruption'],
    ['a caller who is as quiet, with a stop word', { ...quietly, meaning: 'stop', words: 3 }, 'interruption'],
    ['the same of two words', { ...quietly, meaning: 'speech', words: 2 }, 'undecided'],
    ['the same for less long', { ...quietly, meaning: 'speech', words: 3, speechMs: 928 }, 'undecided'],
    ['the same without words', quietly, 'undecided'],
    ['the same, a sign of listening', { ...quietly, meaning: 'backchannel', words: 3 }, 'undecided'],
    ['the same with little pitch', { ...quietly, meaning: 'speech', words: 3, voicedMs: 300 }, 'undecided'],
  ])('%s: %o is %s', (_, change, verdict) => {
    expect(verdictOn({ ...over, ...change }, { audible: true }, interruption)).toBe(verdict);
  });
});
