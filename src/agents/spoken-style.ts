/** A spoken reply is short; a small model that goes on begins to ramble or to write. */
const maxSentences = 2;
const maxWords = 45;

/** Signs that the model has left speech for code, lists, or the markup of a chat. */
const unspoken = /`|\n|\bdef |\bfunction\b|^\s*[-*•] |\|\||<\|/m;

const abbreviation = /^(mr|mrs|ms|dr|st|a\.m|p\.m|no|e\.g|i\.e|vs|approx)$/i;

/**
 * Index at which a reply has to end, or undefined while it may go on: at a sign of writing, after two sentences, or
 * after 45 words, whichever is first.
 */
export function endOfSpokenReply(text: string): number | undefined {
  // White space before the first word is no line break.
  const begins = text.search(/\S/);
  if (begins < 0) return undefined;
  const sign = unspoken.exec(text.slice(begins));
  const signAt = sign ? begins + sign.index : undefined;
  return earliest(signAt, endOfSentences(text), endOfWords(text));
}

/** Where the last of the sentences ends, when something follows it. */
function endOfSentences(text: string): number | undefined {
  let sentences = 0;
  for (const match of text.matchAll(/[.!?]+["')\]]*(?=\s)/g)) {
    const word = /\S*$/.exec(text.slice(0, match.index))?.[0] ?? '';
    if (abbreviation.test(word)) continue;
    sentences += 1;
    if (sentences === maxSentences) return match.index + match[0].length;
  }
  return undefined;
}

function endOfWords(text: string): number | undefined {
  const words = [...text.matchAll(/\S+/g)];
  return words.length > maxWords ? words[maxWords]?.index : undefined;
}

function earliest(...places: readonly (number | undefined)[]): number | undefined {
  const found = places.filter((place) => place !== undefined);
  return found.length > 0 ? Math.min(...found) : undefined;
}
