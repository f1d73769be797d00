import { normalizeNumbers } from './english-numbers.js';
import { numberRuns } from './spoken-numbers.js';
import { joined, markBehind, plain, type TimedWord } from './words.js';

/** Spoken numbers in figures, each with the times of the words that it was said with. A lone "one" stays a word. */
export function writeNumerals<Word extends TimedWord>(words: readonly Word[]): readonly Word[] {
  const written: Word[] = [];
  let at = 0;
  for (const run of numberRuns(words)) {
    written.push(...words.slice(at, run.from), ...inFigures(words.slice(run.from, run.to), run.written));
    at = run.to;
  }
  return [...written, ...words.slice(at)];
}

function inFigures<Word extends TimedWord>(said: readonly Word[], written: string): readonly Word[] {
  const [first, ...rest] = said;
  if (!first || written === 'one') return said;
  // What the recogniser wrote in figures already ("10:30", "1,200") has its own form.
  if (said.every(({ text }) => /\d/.test(text))) return said;
  const [number = '', ...more] = written.split(' ');
  const mark = markBehind(said.at(-1)?.text ?? '');
  if (more.length === 0) return [joined([first, ...rest], number + mark)];
  for (let cut = 1; cut < said.length; cut++) {
    const head = said.slice(0, cut);
    const tail = said.slice(cut);
    if (figures(head) === number && figures(tail) === more.join(' '))
      return [
        joined([first, ...head.slice(1)], number + markBehind(head.at(-1)?.text ?? '')),
        ...inFigures(tail, more.join(' ')),
      ];
  }
  return [joined([first, ...rest], written + mark)];
}

function figures(words: readonly TimedWord[]): string {
  return normalizeNumbers(words.map(({ text }) => plain(text).replaceAll(/[-–,]/g, ' ')).join(' '));
}
