import { describe, expect, it } from 'vitest';
import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import { answerProgress } from './answer-progress.js';
import { dictatedPieces, type SpokenSound } from './dictation.js';
import { turnSettings } from './turn-fixture.js';
import { waitingTime } from './waiting-time.js';

const phone: ExpectedAnswer = { kind: 'number', of: 'phone', minDigits: 10, maxDigits: 10 };
const ten = 'five five five, oh one two, three four five six';
const settings = turnSettings().endpointing;

/** As many pieces of 400 ms, with gaps up to `longestMs`. */
function pieces(count: number, longestMs = 900, pieceMs = 400): SpokenSound {
  return { voicedMs: count * pieceMs, pauses: { count: count - 1, longestMs } };
}

function wait(text: string, sound: SpokenSound, probability = 0.9): number {
  return waitingTime({ looks: [{ silenceMs: 96, probability }], text, expected: phone, sound }, settings).waitMs;
}

describe('a number that is dictated digit by digit', () => {
  it('is told from one that is spoken in one flow', () => {
    expect(dictatedPieces(pieces(10))).toBe(10);
    expect(dictatedPieces(pieces(2))).toBeUndefined();
    expect(dictatedPieces(pieces(4, 600, 1_500))).toBeUndefined();
  });

  it.each([
    ['is complete when words and pieces agree', ten, pieces(10), 'complete'],
    ['is complete in three groups', ten, pieces(3, 500, 1_100), 'complete'],
    ['has begun when both are short of digits', 'five five five', pieces(4), 'begun'],
    [
      'is likely complete with all its pieces and a digit lost',
      'five five five one two three four five six',
      pieces(10),
      'likely',
    ],
    ['is likely complete with all its pieces and a digit invented', `${ten} six`, pieces(10), 'likely'],
    [
      'is likely complete with all its pieces and a loop at the end',
      `${ten} six six six six six six`,
      pieces(10),
      'likely',
    ],
    ['may have begun with a digit that is misheard', 'What?', pieces(1), 'begun'],
    ['may have begun with two', 'Bye. This.', pieces(2), 'begun'],
    ['has not begun when it is refused', 'No.', pieces(1), 'unknown'],
    ['has not begun in words that are no digits', 'What do you need?', pieces(1, 0, 700), 'unknown'],
    ['has not begun in one long piece', 'What?', pieces(1, 0, 900), 'unknown'],
    ['has begun with more digits than so short a sound can hold', '132 792 132 792', pieces(2, 400, 900), 'begun'],
    ['is not with a piece to come', `${ten}`, pieces(9), 'dictated'],
    [
      'is not when there are words among the digits',
      'um five five no five one two three four five six',
      pieces(10),
      'dictated',
    ],
    ['is left to the gaps when words are lost', 'five, fix, bye', pieces(10), 'dictated'],
    ['is left to the gaps when no word is a digit', 'A pig.', pieces(10), 'dictated'],
    ['is left to the gaps when words are invented', '700, 900, 600, 600', pieces(6), 'dictated'],
    ['has begun when all of its words are misheard', 'Bye, bye. No, said it, that.', pieces(6), 'begun'],
    ['has not begun in a sentence with pauses', 'Well, I do not have one with me just now.', pieces(4), 'unknown'],
    ['has begun when more was written than can have been said', '6 5 2 9 6 6 6 6 6 6 6 6', pieces(2), 'begun'],
  ] as const)('%s', (_, text, sound, state) => {
    expect(answerProgress(phone, text, sound).state).toBe(state);
  });

  it('is waited for longer than its longest gap, however complete it sounds, and no longer than patience lasts', () => {
    expect(wait('five, fix, bye', pieces(10, 700), 0.99)).toBeGreaterThan(700);
    expect(wait('five, fix, bye', pieces(10, 1_100))).toBeGreaterThan(wait('five, fix, bye', pieces(10, 700)));
    expect(wait('five, fix, bye', pieces(10, 9_000))).toBe(settings.patientWaitMs);
    expect(wait(ten, pieces(10, 1_100))).toBe(settings.answerWaitMs);
    expect(wait(`${ten} six`, pieces(10, 1_100))).toBe(settings.minWaitMs);
  });
});
