import { ClauseCutter } from '../../../conversation/think/clauses.js';
import { ParleyError } from '../../../ports/errors.js';

/** Text to be spoken as it comes. */
export type SpeechText =
  | { readonly type: 'text'; readonly text: string }
  /**
   * All text so far is to be spoken now. Without `goesOn` it is the end of what is said, as far as the voice is concerned,
   * and a `flushed` event with this mark follows its audio.
   */
  | { readonly type: 'flush'; readonly mark?: string; readonly goesOn?: boolean };

/** What is spoken in one go. */
export type ClauseEvent =
  | { readonly type: 'clause'; readonly text: string; readonly first: boolean; readonly last: boolean }
  | { readonly type: 'flushed'; readonly mark: string | undefined };

/** Text without any punctuation is cut after this much: nobody waits for ever for a comma. */
const maxPendingCharacters = 600;

/**
 * Cuts text into clauses as it comes, and again from the beginning after each flush.
 * @throws ParleyError `speech.too_long` (413) with more than `maxCharacters` between two flushes
 */
export async function* clausesOfText(
  text: string | AsyncIterable<SpeechText>,
  { maxCharacters }: { readonly maxCharacters: number },
): AsyncGenerator<ClauseEvent, void, undefined> {
  if (typeof text === 'string') {
    yield* clausesOfWhole(text, maxCharacters);
    return;
  }
  let cutter = new ClauseCutter();
  let first = true;
  let characters = 0;
  let pending = 0;
  const clause = (words: string, last: boolean): ClauseEvent => {
    const event = { type: 'clause', text: words, first, last } as const;
    first = false;
    return event;
  };
  for await (const piece of text) {
    if (piece.type === 'flush') {
      const rest = cutter.end();
      if (rest !== undefined) yield clause(rest, !piece.goesOn);
      pending = 0;
      if (piece.goesOn) continue;
      yield { type: 'flushed', mark: piece.mark };
      cutter = new ClauseCutter();
      first = true;
      characters = 0;
      continue;
    }
    characters += piece.text.length;
    pending += piece.text.length;
    assertLength(characters, maxCharacters);
    for (const each of cutter.push(piece.text)) {
      yield clause(each, false);
      pending = 0;
    }
    if (pending <= maxPendingCharacters) continue;
    const rest = cutter.end();
    pending = 0;
    if (rest !== undefined) yield clause(rest, false);
  }
  const rest = cutter.end();
  if (rest !== undefined) yield clause(rest, true);
}

/** All of a text is there: its last clause is known to be the last. */
function* clausesOfWhole(text: string, maxCharacters: number): Generator<ClauseEvent, void, undefined> {
  assertLength(text.length, maxCharacters);
  const cutter = new ClauseCutter();
  const clauses = cutter.push(text);
  const rest = cutter.end();
  if (rest !== undefined) clauses.push(rest);
  for (const [index, each] of clauses.entries())
    yield { type: 'clause', text: each, first: index === 0, last: index === clauses.length - 1 };
}

/** @throws ParleyError `speech.too_long` (413) */
export function assertLength(characters: number, maxCharacters: number): void {
  if (characters <= maxCharacters) return;
  throw new ParleyError(
    `There are more than ${maxCharacters} characters of text to be spoken at once. Send it in several requests.`,
    { code: 'speech.too_long', status: 413 },
  );
}
