/** What the server speaks in one request. */
export const longestPiece = 4_096;

/**
 * Text in pieces that can be spoken one after another: a whole text as long as the server takes, one that comes bit by bit
 * sentence by sentence. No more of it is held than one piece.
 */
export async function* textPieces(
  text: string | AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<string, void, undefined> {
  if (typeof text === 'string') {
    let rest = text.trim();
    while (rest.length > longestPiece) {
      const at = lastBreak(rest);
      yield rest.slice(0, at).trim();
      rest = rest.slice(at).trim();
    }
    if (rest !== '') yield rest;
    return;
  }
  const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' });
  let held = '';
  for await (const part of text) {
    held += part;
    // The last sentence may go on.
    const whole = [...sentences.segment(held)].slice(0, -1);
    for (const { segment } of whole) if (segment.trim() !== '') yield* textPieces(segment);
    held = held.slice(whole.reduce((sum, { segment }) => sum + segment.length, 0));
    while (held.length > longestPiece) {
      const at = lastBreak(held);
      yield held.slice(0, at).trim();
      held = held.slice(at);
    }
  }
  if (held.trim() !== '') yield* textPieces(held);
}

/** Behind a sentence, or else a word, or else wherever the piece is full. */
function lastBreak(text: string): number {
  const piece = text.slice(0, longestPiece);
  const sentences = [...new Intl.Segmenter(undefined, { granularity: 'sentence' }).segment(piece)];
  const last = sentences.at(-1)?.index ?? 0;
  if (last > 0) return last;
  const space = piece.lastIndexOf(' ');
  return space > 0 ? space : longestPiece;
}
