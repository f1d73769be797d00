import { describe, expect, it } from 'vitest';
import {
  type Captions,
  isVisible,
  settled,
  splitAfterWords,
  withAgentClause,
  withCallerTurn,
  withCallerWords,
  withDroppedTurn,
  withInterruption,
  withTypedWords,
} from './captions.js';

const none: Captions = [];

describe('captions', () => {
  it('keep the place of a turn whose words come after the reply has begun', () => {
    let captions = withCallerTurn(none, 'turn');
    expect(captions.some(isVisible)).toBe(false);
    captions = withAgentClause(captions, 'reply', 'Sure.');
    captions = withCallerWords(captions, 'turn', { final: 'A latte.' });
    expect(captions.map(({ id }) => id)).toEqual(['turn', 'reply']);
    expect(captions[0]).toMatchObject({ settled: 'A latte.', changing: '', final: true });
  });

  it('tell the words that stay from those that may change, and are not revised after the final', () => {
    const partial = { partial: 'could I have a', stableWords: 2 };
    const captions = withCallerWords(none, 'turn', partial);
    expect(captions[0]).toMatchObject({ settled: 'could I', changing: ' have a', final: false });
    const final = withCallerWords(captions, 'turn', { final: 'Could I have two?' });
    expect(withCallerWords(final, 'turn', partial)).toEqual(final);
  });

  it('keep what was said in passing, and take it for a turn after all when its words come', () => {
    const partial = withCallerWords(none, 'turn', { partial: 'uh huh', stableWords: 0 });
    const dropped = withDroppedTurn(partial, 'turn');
    expect(dropped[0]).toMatchObject({ settled: 'uh huh', changing: '', dropped: true });
    expect(withCallerWords(dropped, 'turn', { final: 'Uh huh.' })[0]).toMatchObject({
      settled: 'Uh huh.',
      dropped: false,
    });
    expect(withDroppedTurn(withCallerTurn(none, 'noise'), 'noise').some(isVisible)).toBe(false);
  });

  it('count stable words that have not come yet as all there are', () => {
    expect(splitAfterWords('one two', 5)).toEqual(['one two', '']);
    expect(splitAfterWords('one two', 0)).toEqual(['', 'one two']);
    expect(splitAfterWords(' one  two three', 2)).toEqual([' one  two', ' three']);
  });

  it('know how much of an interrupted reply was heard', () => {
    const spoken = withAgentClause(withAgentClause(none, 'reply', 'Sure, a latte.'), 'reply', ' Anything else?');
    expect(spoken).toHaveLength(1);
    expect(withInterruption(spoken, 'reply', 'Sure, a')[0]).toMatchObject({ interrupted: { heardWords: 2 } });
    expect(withInterruption(spoken, 'reply', undefined)[0]).toMatchObject({ interrupted: { heardWords: undefined } });
  });

  it('settle when the call ends, and drop the oldest of very many', () => {
    const open = withCallerWords(none, 'turn', { partial: 'could I', stableWords: 1 });
    expect(settled(open)[0]).toMatchObject({ settled: 'could I', changing: '', final: true });
    let captions = open;
    for (let i = 0; i < 300; i++) captions = withTypedWords(captions, `typed-${i}`, 'hello');
    expect(captions).toHaveLength(200);
    expect(captions.at(-1)).toMatchObject({ id: 'typed-299', typed: true });
  });
});
