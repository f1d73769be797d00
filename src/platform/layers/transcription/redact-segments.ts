import type { TranscribeEvent, TranscriptSegment } from '../../../conversation/listen/transcribe-samples.js';
import type { RedactionKind } from '../../text-forms/findings.js';
import { findingsIn, withLabels } from '../../text-forms/redact.js';
import { contextBefore, openFrom } from '../../text-forms/redact-parts.js';
import { type Transcript, wordsOf } from '../../text-forms/text-forms.js';
import type { TimedWord } from '../../text-forms/words.js';

/** A number is not dictated over more words than this; what goes on for longer is told as it is. */
const mostHeldWords = 200;

/**
 * Redacts a recording as it is transcribed. What is said over several segments is found as well: a segment is held back for as
 * long as the next one may make something of its end.
 */
export async function* redactSegments(
  events: AsyncIterable<TranscribeEvent>,
  kinds: readonly RedactionKind[],
): AsyncGenerator<TranscribeEvent, void, undefined> {
  let before: readonly TimedWord[] = [];
  let held: readonly TranscriptSegment[] = [];
  const told = function* (mayGoOn: boolean): Generator<TranscribeEvent, void, undefined> {
    const all = [...before, ...held.flatMap(wordsOf)];
    const open = mayGoOn && all.length - before.length <= mostHeldWords ? openFrom(all, kinds) : all.length;
    const findings = findingsIn(all, kinds);
    let from = before.length;
    let count = 0;
    for (const segment of held) {
      const to = from + wordsOf(segment).length;
      if (to > open) break;
      yield { type: 'segment', segment: { ...segment, ...redacted(segment, withLabels(all, findings, from, to)) } };
      from = to;
      count += 1;
    }
    held = held.slice(count);
    before = all.slice(Math.max(0, from - contextBefore), from);
  };
  for await (const event of events) {
    if (event.type === 'progress') {
      yield event;
      continue;
    }
    held = [...held, event.segment];
    yield* told(true);
  }
  yield* told(false);
}

function redacted(segment: TranscriptSegment, words: readonly TimedWord[]): Transcript<TimedWord> {
  return { text: words.map(({ text }) => text).join(' '), words: segment.words.length > 0 ? words : [] };
}
