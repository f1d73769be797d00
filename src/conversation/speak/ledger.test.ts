import { describe, expect, it } from 'vitest';
import { PlayoutLedger } from './ledger.js';
import { heardText, type SpokenPiece } from './spoken-piece.js';

const rateHz = 1_000;

/** Each word 200 ms, then 50 ms of silence. */
function piece(text: string): SpokenPiece {
  const words = text.split(' ').map((word, i) => ({ text: word, startMs: i * 250, endMs: i * 250 + 200 }));
  return { text, samples: new Float32Array(words.length * 250), rateHz, words };
}

describe('heard text', () => {
  it.each([
    [0, ''],
    [99, ''],
    [100, 'one'],
    [349, 'one'],
    [350, 'one two'],
    [749, 'one two three'],
    [10_000, 'one two three'],
  ])('after %d ms it is "%s": a word counts when half of it was heard', (heardMs, text) => {
    expect(heardText(piece('one two three'), heardMs)).toBe(text);
  });

  it('is what was written, though the voice says it in more words', () => {
    const spoken: SpokenPiece = { ...piece('five dollars and ten'), text: '$5 and 10' };
    expect(heardText(spoken, 499)).toBe('$5');
    expect(heardText(spoken, 2_000)).toBe('$5 and 10');
  });

  it('goes by length where the voice gives no word times', () => {
    const spoken: SpokenPiece = { ...piece('one two three four'), words: [] };
    expect(heardText(spoken, 510)).toBe('one two');
    expect(heardText(spoken, 1_000)).toBe('one two three four');
  });

  it('of a piece without text is nothing', () => {
    expect(heardText({ ...piece('x'), text: '' }, 10)).toBe('');
  });
});

describe('playout ledger', () => {
  it('joins the pieces that were heard and cuts the last one', () => {
    const ledger = new PlayoutLedger();
    ledger.note(1, piece('one two'), 0);
    ledger.note(1, piece('three four'), 500);
    expect(ledger.heard(1, 499)).toBe('one two');
    expect(ledger.heard(1, 700)).toBe('one two three');
    expect(ledger.heard(1, Number.POSITIVE_INFINITY)).toBe('one two three four');
    expect(ledger.lengthMs(1)).toBe(1_000);
  });

  it('says nothing for a reply that it does not know', () => {
    const ledger = new PlayoutLedger();
    expect(ledger.heard(1, 100)).toBeUndefined();
    expect(ledger.lengthMs(1)).toBe(0);
  });

  it('keeps the last sixteen replies', () => {
    const ledger = new PlayoutLedger();
    for (let reply = 0; reply < 17; reply++) ledger.note(reply, piece('one'), 0);
    expect(ledger.heard(0, 250)).toBeUndefined();
    expect(ledger.heard(1, 250)).toBe('one');
    expect(ledger.heard(16, 250)).toBe('one');
  });

  it('knows which piece was playing, whatever bridged the wait, and where one was taken up again', () => {
    const ledger = new PlayoutLedger();
    const pieces = [piece('one two'), piece('three four')] as const;
    ledger.note(1, pieces[0], 0);
    ledger.note(1, piece('wait'), 500);
    ledger.note(1, pieces[1], 750);
    expect(ledger.placeAt(1, pieces, 600)).toEqual({ piece: pieces[0], pieceFromMs: 0, ms: 600 });
    expect(ledger.placeAt(1, pieces, 800)).toEqual({ piece: pieces[1], pieceFromMs: 750, ms: 50 });
    ledger.again(1, pieces[1], 900, 250);
    expect(ledger.placeAt(1, pieces, 950)).toEqual({ piece: pieces[1], pieceFromMs: 650, ms: 300 });
    expect(ledger.placeAt(2, pieces, 100)).toBeUndefined();
  });
});
