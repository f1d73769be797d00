import type { CallerWords } from '../call/call-types.js';

/** A long call must not grow the page without end. */
const maxCaptions = 200;

export type CallerCaption = {
  readonly side: 'caller';
  readonly id: string;
  readonly typed: boolean;
  /** Words that will not change. */
  readonly settled: string;
  /** Words that may. */
  readonly changing: string;
  readonly final: boolean;
  /** Said in passing: the agent does not answer it. */
  readonly dropped: boolean;
};

export type AgentCaption = {
  readonly side: 'agent';
  readonly id: string;
  /** In the order in which they were spoken; joined they are the text. */
  readonly clauses: readonly string[];
  /** Set when the agent was stopped: how many of its words were heard, undefined when nobody knows. */
  readonly interrupted: { readonly heardWords: number | undefined } | undefined;
};

export type Caption = CallerCaption | AgentCaption;

/** What both sides said, in the order in which the turns began. */
export type Captions = readonly Caption[];

/** Keeps the place of a caller's turn: its words may come after the reply has begun. */
export function withCallerTurn(captions: Captions, id: string): Captions {
  if (captions.some((caption) => caption.id === id)) return captions;
  return added(captions, { side: 'caller', id, typed: false, settled: '', changing: '', final: false, dropped: false });
}

export function withCallerWords(captions: Captions, id: string, words: CallerWords): Captions {
  return withCallerTurn(captions, id).map((caption) => {
    if (caption.id !== id || caption.side !== 'caller' || caption.final) return caption;
    if ('final' in words) return { ...caption, settled: words.final, changing: '', final: true, dropped: false };
    const [settled, changing] = splitAfterWords(words.partial, words.stableWords);
    return { ...caption, settled, changing };
  });
}

/** It was no turn. Words that come for it all the same show that it was one. */
export function withDroppedTurn(captions: Captions, id: string): Captions {
  return captions.map((caption) =>
    caption.id === id && caption.side === 'caller' && !caption.final
      ? { ...caption, settled: caption.settled + caption.changing, changing: '', dropped: true }
      : caption,
  );
}

export function withTypedWords(captions: Captions, id: string, text: string): Captions {
  return added(captions, { side: 'caller', id, typed: true, settled: text, changing: '', final: true, dropped: false });
}

export function withAgentClause(captions: Captions, id: string, clause: string): Captions {
  const known = captions.some((caption) => caption.id === id);
  if (!known) return added(captions, { side: 'agent', id, clauses: [clause], interrupted: undefined });
  return captions.map((caption) =>
    caption.id === id && caption.side === 'agent' ? { ...caption, clauses: [...caption.clauses, clause] } : caption,
  );
}

/** `heard`: the words that were heard before the agent was stopped. */
export function withInterruption(captions: Captions, id: string, heard: string | undefined): Captions {
  const heardWords = heard === undefined ? undefined : wordsOf(heard).length;
  return captions.map((caption) =>
    caption.id === id && caption.side === 'agent' ? { ...caption, interrupted: { heardWords } } : caption,
  );
}

/** At the end of a call nothing is revised any more. */
export function settled(captions: Captions): Captions {
  return captions.map((caption) =>
    caption.side === 'caller' && !caption.final
      ? { ...caption, settled: caption.settled + caption.changing, changing: '', final: true }
      : caption,
  );
}

/** Whether there is anything to show of it. */
export function isVisible(caption: Caption): boolean {
  return caption.side === 'agent' || caption.settled !== '' || caption.changing !== '';
}

/** Cuts a text behind its first words; the space stays with what follows. */
export function splitAfterWords(text: string, count: number): readonly [string, string] {
  if (count <= 0) return ['', text];
  const word = wordsOf(text)[count - 1];
  if (word === undefined) return [text, ''];
  const end = (word.index ?? 0) + word[0].length;
  return [text.slice(0, end), text.slice(end)];
}

function wordsOf(text: string): RegExpMatchArray[] {
  return [...text.matchAll(/\S+/g)];
}

function added(captions: Captions, caption: Caption): Captions {
  return [...captions, caption].slice(-maxCaptions);
}
