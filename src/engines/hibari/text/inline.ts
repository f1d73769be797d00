/** A stretch of text, or a word whose phonemes the writer gave. */
export type Segment = { readonly text: string; readonly phonemes?: string };

/** Lengths are limited, so that an unclosed bracket in a long text costs nothing. */
const LINK = /\[([^\][]{1,200})\]\(([^()]{0,400})\)/g;

/**
 * Finds `[word](/phonemes/)`. A link without slashes is ordinary text: its word is read, its target is not.
 */
export function splitInline(text: string): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const [whole, word = '', target = ''] = match;
    if (match.index > from) segments.push({ text: text.slice(from, match.index) });
    const given = target.length > 2 && target.startsWith('/') && target.endsWith('/');
    segments.push(given ? { text: word, phonemes: target.slice(1, -1) } : { text: word });
    from = match.index + whole.length;
  }
  if (from < text.length) segments.push({ text: text.slice(from) });
  return segments;
}
