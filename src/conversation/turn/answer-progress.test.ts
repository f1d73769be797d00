import { describe, expect, it } from 'vitest';
import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import { type AnswerProgress, answerProgress } from './answer-progress.js';

const yesNo: ExpectedAnswer = { kind: 'yes-no' };
const more: ExpectedAnswer = { kind: 'anything-else' };
const sizes: ExpectedAnswer = { kind: 'choice', options: ['small', 'medium', 'extra large'] };
const phone: ExpectedAnswer = { kind: 'number', of: 'phone', minDigits: 10, maxDigits: 11 };
const code: ExpectedAnswer = { kind: 'number', of: 'other', minDigits: 4, maxDigits: 4 };
const date: ExpectedAnswer = { kind: 'date' };
const email: ExpectedAnswer = { kind: 'email' };
const spelling: ExpectedAnswer = { kind: 'spelling' };

describe('how far an answer has come', () => {
  it.each<[ExpectedAnswer, string, AnswerProgress['state']]>([
    [{ kind: 'free' }, 'Yes.', 'unknown'],
    [yesNo, '', 'unknown'],
    [yesNo, 'Yes.', 'complete'],
    [yesNo, 'Yeah', 'complete'],
    [yesNo, 'No, thank you.', 'complete'],
    [yesNo, 'Yes please', 'complete'],
    [yesNo, "That's right.", 'complete'],
    [yesNo, 'Yes, it is.', 'complete'],
    [yesNo, "I don't think so.", 'complete'],
    [yesNo, 'Not really.', 'complete'],
    [yesNo, 'Uh-huh.', 'complete'],
    [yesNo, 'Yes,', 'likely'],
    [yesNo, 'No, that is wrong.', 'complete'],
    [yesNo, 'Yes, and', 'unknown'],
    [yesNo, 'No, um', 'unknown'],
    [yesNo, 'No, make it two.', 'unknown'],
    [yesNo, 'Yes, a large coffee.', 'unknown'],
    [yesNo, 'I think', 'unknown'],
    [yesNo, 'Dear.', 'likely'],
    [yesNo, 'What do you mean?', 'unknown'],
    [more, 'No.', 'complete'],
    [more, 'No, thank you.', 'complete'],
    [more, "No, that's all, thanks.", 'complete'],
    [more, "That's it.", 'complete'],
    [more, 'Yes.', 'unknown'],
    [more, 'Yes, please.', 'unknown'],
    [more, 'No milk.', 'unknown'],
    [more, 'No, and', 'unknown'],
    [sizes, 'Medium.', 'complete'],
    [sizes, 'A medium, please.', 'complete'],
    [sizes, "I'd like the extra large one", 'complete'],
    [sizes, 'small or medium', 'unknown'],
    [sizes, 'a medium latte with milk', 'unknown'],
    [sizes, 'a medium with', 'unknown'],
    [sizes, 'large', 'unknown'],
    [phone, 'It is', 'unknown'],
    [phone, 'five five five', 'begun'],
    [phone, '555 012', 'begun'],
    [phone, 'double five', 'begun'],
    [phone, '555 012 3456', 'enough'],
    [phone, '0 2 0 7 9 4 6 0 0 1 8', 'complete'],
    [phone, '555 012 3456 789', 'complete'],
    [phone, "I don't have one", 'unknown'],
    [phone, '555, no wait, that is my old one', 'unknown'],
    [code, 'one two', 'begun'],
    [code, 'one two three four', 'complete'],
    [code, 'twelve thirty four', 'complete'],
    [date, 'Tuesday.', 'complete'],
    [date, 'tomorrow', 'complete'],
    [date, 'the fifth of March', 'complete'],
    [date, 'March 5th', 'complete'],
    [date, 'May twenty first', 'complete'],
    [date, '3/4', 'complete'],
    [date, 'in March', 'begun'],
    [date, 'next Tuesday or', 'begun'],
    [date, 'May I ask why?', 'unknown'],
    [date, 'I am not sure', 'unknown'],
    [email, 'jane dot doe at gmail dot com', 'complete'],
    [email, 'jane@example.co.uk', 'complete'],
    [email, 'jane at', 'begun'],
    [email, 'jane dot doe at gmail', 'begun'],
    [email, 'jane@example', 'begun'],
    [email, 'I would rather not', 'unknown'],
    [spelling, 'S M I', 'begun'],
    [spelling, 'S-M-I-T-H', 'begun'],
    [spelling, 'Smith', 'unknown'],
  ])('%j, "%s": %s', (expected, text, state) => {
    expect(answerProgress(expected, text).state).toBe(state);
  });

  it('says how far in words', () => {
    const said = (expected: ExpectedAnswer, text: string) => {
      const progress = answerProgress(expected, text);
      return progress.state === 'unknown' ? undefined : progress.said;
    };
    expect(said(phone, '555 012')).toBe('six of ten digits');
    expect(said(code, '1 2 3 4')).toBe('four digits');
    expect(said(sizes, 'medium')).toBe('"medium" was named');
    expect(said(date, 'in March')).toBe('a month without its day');
    expect(said(spelling, 'S M I')).toBe('three letters');
  });
});
