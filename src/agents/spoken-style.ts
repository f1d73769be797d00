/** A spoken reply is short; a small model that goes on begins to ramble or to write. */
const maxSentences = 2;
const maxWords = 45;

/** Signs that the model has left speech for code or lists. */
const unspoken = /`|\n|\bdef |\bfunction\b|^\s*[-*] |\|\|/m;

/** Index at which a reply has to end, or undefined while it may go on. */
export function endOfSpokenReply(text: string): number | undefined {
  const sign = unspoken.exec(text);
  let sentences = 0;
  for (const match of text.matchAll(/[.!?]+["')\]]*(?=\s)/g)) {
    const word = /\S*$/.exec(text.slice(0, match.index))?.[0] ?? '';
    if (/^(mr|mrs|ms|dr|st|a\.m|p\.m|no)$/i.test(word)) continue;
    sentences += 1;
    const end = match.index + match[0].length;
    if (sentences === maxSentences) return sign && sign.index < end ? sign.index : end;
  }
  if (sign) return sign.index;
  const words = [...text.matchAll(/\S+/g)];
  return words.length > maxWords ? words[maxWords]?.index : undefined;
}
