import type { Keyword } from '../../ports/speech-to-text.js';

type Node = {
  readonly next: Map<number, Node>;
  /** Nats for the token that leads here: the largest of the phrases that go through it. */
  bonus: number;
  ends: boolean;
};

/** Tokens of phrases that are being said, and how much likelier they make the next one. */
export type KeywordBias = {
  /** Nats to add to the logit of each token. Phrases do not begin where `blocked` says so. */
  readonly bonuses: (tokens: readonly number[], blocked: ReadonlySet<number>) => ReadonlyMap<number, number>;
  /** Where a phrase began that `tokens` were in the middle of and that `next` does not go on with. */
  readonly brokenBy: (tokens: readonly number[], next: number, blocked: ReadonlySet<number>) => number | undefined;
};

/**
 * Shallow fusion of a greedy decoder with phrases (Zhao et al. 2019, "Shallow-fusion end-to-end contextual biasing"): a
 * tree of their tokens, each worth the phrase's weight in nats. What a bonus has begun and the audio does not go on with
 * is taken back by the decoder.
 *
 * @param encode the tokens of a text that begins a word
 */
export function keywordBias(
  keywords: readonly Keyword[],
  encode: (text: string) => readonly number[] | undefined,
): KeywordBias {
  const root: Node = { next: new Map(), bonus: 0, ends: false };
  let longest = 0;
  for (const { text, weight } of keywords)
    for (const spelling of spellings(text)) {
      const tokens = encode(spelling) ?? [];
      longest = Math.max(longest, tokens.length);
      let node = root;
      for (const token of tokens) {
        const next: Node = node.next.get(token) ?? { next: new Map(), bonus: 0, ends: false };
        node.next.set(token, next);
        next.bonus = Math.max(next.bonus, weight);
        node = next;
      }
      node.ends = true;
    }

  /** Phrases that `tokens` end in the middle of (or at the end of, where another goes on), the longest first. */
  const open = (tokens: readonly number[], blocked: ReadonlySet<number>): { from: number; node: Node }[] => {
    const found: { from: number; node: Node }[] = [];
    for (let from = Math.max(0, tokens.length - longest); from < tokens.length; from++) {
      if (blocked.has(from)) continue;
      let node: Node | undefined = root;
      for (let at = from; node && at < tokens.length; at++) node = node.next.get(tokens[at] as number);
      if (node && node.next.size > 0) found.push({ from, node });
    }
    return found;
  };

  return {
    bonuses: (tokens, blocked) => {
      const bonuses = new Map<number, number>();
      const nodes = open(tokens, blocked).map(({ node }) => node);
      if (!blocked.has(tokens.length)) nodes.push(root);
      for (const { next } of nodes)
        for (const [token, { bonus }] of next) bonuses.set(token, Math.max(bonus, bonuses.get(token) ?? 0));
      return bonuses;
    },
    brokenBy: (tokens, next, blocked) => {
      const begun = open(tokens, blocked);
      if (begun.some(({ node }) => node.ends || node.next.has(next))) return undefined;
      return begun[0]?.from;
    },
  };
}

/** As it was given, in small letters, and as at the beginning of a sentence. */
function spellings(text: string): Set<string> {
  const given = text.trim().replaceAll(/\s+/g, ' ');
  const small = given.toLowerCase();
  return new Set([given, small, small.charAt(0).toUpperCase() + small.slice(1)]);
}
