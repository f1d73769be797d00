import { durationMs, samplesOf } from '../../audio/frame.js';
import type { ScriptedUtterance } from '../scripted-speech-to-text.js';
import { decodeTones, type ToneDecoderOptions } from '../tone-decoder.js';

/** A word is complete when so much silence follows it. */
const completeAfterMs = 10;

/**
 * Decodes utterances that are asked for again and again while they grow, each word once.
 * @returns what `ScriptedSpeechToText` takes as `transcripts`
 */
export function growingTranscripts(options: ToneDecoderOptions): (utterance: ScriptedUtterance) => string {
  const known = new Map<number, { readonly words: string[]; from: number }>();
  return ({ order, samples }) => {
    const own = known.get(order) ?? { words: [], from: 0 };
    known.set(order, own);
    const { rateHz } = options;
    const rest = samples.subarray(own.from);
    const restMs = durationMs(rest.length, rateHz);
    const decoded = decodeTones(rest, options);
    const complete = decoded.filter(({ endMs }) => endMs + completeAfterMs <= restMs);
    own.words.push(...complete.map(({ text }) => text));
    own.from += samplesOf(complete.at(-1)?.endMs ?? 0, rateHz);
    return [...own.words, ...decoded.slice(complete.length).map(({ text }) => text)].join(' ');
  };
}
