import { durationMs, samplesOf } from '../../audio/frame.js';
import { rms } from '../../audio/loudness.js';
import { defaultPhraseTexts } from '../../conversation/phrases.js';
import { type ParsedLog, parseEventLog } from '../../conversation/read-event-log.js';
import { replay } from '../../conversation/replay.js';
import type { HistoryItem } from '../../ports/brain.js';
import { decodeTones } from '../tone-decoder.js';
import { type ToneVocabulary, toneWordMs } from '../tone-words.js';
import { wordsOf } from './scripted-agent.js';
import { lineRateHz, type VirtualLine } from './virtual-line.js';

/** What must hold for every call, whatever the scenario expects of it. */
export type BrokenInvariant = {
  readonly name: 'one reply at a time' | 'history is what was heard' | 'the log replays';
  readonly seen: string;
};

/** A word counts as heard when half of it sounded; so close to the half it may count or not. */
const unsureMs = 45;
const anyWordMs = 20;
const fillers = [defaultPhraseTexts.filler].flat().map(wordsOf);

export function brokenInvariants(call: {
  readonly log: readonly string[];
  readonly history: readonly HistoryItem[];
  readonly line: VirtualLine;
  /** What the caller has heard. */
  readonly agent: Float32Array;
  readonly vocabulary: ToneVocabulary;
}): BrokenInvariant[] {
  const broken: BrokenInvariant[] = [];
  if (call.line.overlaps > 0)
    broken.push({
      name: 'one reply at a time',
      seen: `${call.line.overlaps} frames came after those of a later reply`,
    });
  const log = parseEventLog(`${call.log.join('\n')}\n`);
  const paused = pausedReplies(log);
  for (const item of call.history)
    if (item.role === 'assistant') {
      const seen = misremembered(item, { ...call, tookUp: paused.has(item.reply) });
      if (seen !== undefined) broken.push({ name: 'history is what was heard', seen });
    }
  const report = replay(log);
  const [difference] = report.differences;
  const [disagreement] = report.disagreements;
  if (difference)
    broken.push({
      name: 'the log replays',
      seen: `record ${difference.seq} (${difference.event}) comes out otherwise`,
    });
  if (disagreement)
    broken.push({
      name: 'the log replays',
      seen: `record ${disagreement.seq} (${disagreement.command}): ${disagreement.why}`,
    });
  return broken;
}

/** How the history of one reply differs from the words that the caller's recording holds of it. */
function misremembered(
  item: Extract<HistoryItem, { role: 'assistant' }>,
  call: {
    readonly line: VirtualLine;
    readonly agent: Float32Array;
    readonly vocabulary: ToneVocabulary;
    /** It fell silent within, and went on: with the rest of a word, or from the beginning of a phrase. */
    readonly tookUp: boolean;
  },
): string | undefined {
  const told = wordsOf(item.text).trim();
  const stretches = call.line.stretches.filter(({ reply }) => reply === item.reply);
  const words = stretches.flatMap(({ from, to }) =>
    decodeTones(levelled(call.agent.subarray(from, to)), {
      rateHz: lineRateHz,
      vocabulary: call.vocabulary,
      minMs: anyWordMs,
    }),
  );
  // The call ended while it was being said: what was on its way is not in the recording.
  if (stretches.some(({ to }) => to > call.agent.length)) return undefined;
  const last = words.at(-1);
  const heardMs = last ? last.endMs - last.startMs : 0;
  const half = toneWordMs / 2;
  const whole = words.filter((word, index) => index < words.length - 1 || word.endMs - word.startMs >= half);
  const candidates = [whole];
  if (Math.abs(heardMs - half) <= unsureMs) candidates.push(words, words.slice(0, -1));
  const heard = candidates.map((each) => wordsOf(each.map(({ text }) => text).join(' ')));
  if (heard.some((each) => each.trim() === told || withoutFillers(each) === told)) return undefined;
  if (call.tookUp && heard.some((each) => saidOnce(withoutFillers(each)) === saidOnce(told))) return undefined;
  return `reply ${item.reply} at ${Math.round(durationMs(stretches[0]?.from ?? 0, lineRateHz))} ms: the caller heard "${(heard[0] ?? '').trim()}", the history has "${told}"`;
}

/** Replies that fell silent while it was decided what was said over them. */
function pausedReplies({ records }: ParsedLog): ReadonlySet<number> {
  return new Set(
    records.flatMap((record) =>
      record.type === 'command' && record.command.type === 'pause' ? [record.command.reply] : [],
    ),
  );
}

/** Phrases no longer than this are begun again. */
const longestPhraseWords = 12;

/** Without what stands twice in a row: it was heard twice, and is remembered once. */
function saidOnce(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== '');
  for (let length = longestPhraseWords; length > 0; length--)
    for (let at = 0; at + 2 * length <= words.length; )
      if (words.slice(at, at + length).join(' ') === words.slice(at + length, at + 2 * length).join(' '))
        words.splice(at, length);
      else at += 1;
  return words.join(' ');
}

const levelHop = samplesOf(5, lineRateHz);

/** The same sound with all of it equally loud: a word that is lowered while it sounds stays one pure tone. */
function levelled(samples: Float32Array): Float32Array {
  const out = samples.slice();
  for (let at = 0; at < out.length; at += levelHop) {
    const part = out.subarray(at, at + levelHop);
    const level = rms(part);
    if (level > 0.003) for (let i = 0; i < part.length; i++) part[i] = ((part[i] as number) * 0.2) / level;
  }
  return out;
}

/** What bridges a wait is heard and is no part of the reply. */
function withoutFillers(words: string): string {
  return fillers.reduce((left, filler) => left.replace(filler, ' '), words).trim();
}
