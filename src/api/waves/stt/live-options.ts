import type { RawEncoding } from '../../../audio/formats.js';
import type { Endpointing } from '../../../platform/layers/transcription/live-events.js';
import { ParleyError } from '../../../ports/errors.js';
import type { Reported } from '../common/reported.js';
import { type SttOptions, sttOptionsOf, unknownParameters } from './stt-options.js';
import { type LiveQuery, liveQuerySchema } from './stt-query.js';

const encodings: Readonly<Record<string, RawEncoding>> = {
  linear16: 'pcm16',
  linear32: 'float32',
  mulaw: 'mulaw',
  alaw: 'alaw',
};

const rateBounds = { minHz: 8_000, maxHz: 48_000 } as const;
/** Of `eou_timeout_ms` and `endpointing_timeout`; outside of them the nearest is taken. */
const silenceBounds = { minMs: 100, maxMs: 10_000 } as const;
const usualEouTimeoutMs = 800;
const usualEndpointingMs = 300;

/** What one live transcription is to be. */
export type LiveSettings = SttOptions & {
  readonly model: string;
  readonly encoding: RawEncoding;
  readonly rateHz: number;
  readonly endpointing: Endpointing;
  readonly wordTimestamps: boolean;
  readonly sentenceTimestamps: boolean;
  readonly fullTranscript: boolean;
  readonly voiceEvents: boolean;
};

/**
 * @param wordTimestamps where the query says nothing of them
 * @param languages what the recogniser understands
 * @throws ParleyError (400) for what cannot be transcribed: an encoding, a rate, a language
 */
export function liveSettingsOf(
  query: LiveQuery,
  {
    given,
    languages,
    wordTimestamps,
  }: {
    readonly given: object;
    readonly languages: readonly string[];
    readonly wordTimestamps: boolean;
  },
): LiveSettings {
  const encoding = rawEncodingOf(query.encoding);
  const rateHz = rateOf(query.sample_rate);
  const { reported: ofWriting, ...options } = sttOptionsOf(query, languages);
  const adjusted: Reported[] = [];
  const silenceMs = silenceOf(query, adjusted);
  return {
    ...options,
    model: query.model,
    encoding,
    rateHz,
    endpointing: { type: 'silence', silenceMs },
    wordTimestamps: query.word_timestamps ?? wordTimestamps,
    sentenceTimestamps: query.sentence_timestamps,
    fullTranscript: query.full_transcript,
    voiceEvents: query.vad_events ?? query.vad ?? false,
    reported: [...ofWriting, ...adjusted, ...unknownParameters(given, Object.keys(liveQuerySchema.shape))],
  };
}

/** @throws ParleyError `audio.encoding` (400) */
export function rawEncodingOf(name: string): RawEncoding {
  const encoding = encodings[name];
  if (encoding) return encoding;
  throw new ParleyError(
    `encoding: "${name.slice(0, 40)}" is not understood; expected one of ${Object.keys(encodings).join(', ')}.`,
    { code: 'audio.encoding', status: 400 },
  );
}

/** @throws ParleyError `audio.rate` (400) */
export function rateOf(rateHz: number): number {
  const { minHz, maxHz } = rateBounds;
  if (rateHz >= minHz && rateHz <= maxHz) return rateHz;
  throw new ParleyError(`sample_rate: expected ${minHz} to ${maxHz} Hz, not ${rateHz}.`, {
    code: 'audio.rate',
    status: 400,
  });
}

/** The silence that ends an utterance: a bad one is made a good one, since refusing it would cost the whole session. */
function silenceOf(query: LiveQuery, reported: Reported[]): number {
  const ceilingMs = bounded('eou_timeout_ms', query.eou_timeout_ms, usualEouTimeoutMs, reported);
  if (!query.endpointing) return ceilingMs;
  return Math.min(ceilingMs, bounded('endpointing_timeout', query.endpointing_timeout, usualEndpointingMs, reported));
}

function bounded(param: string, given: string | undefined, usualMs: number, reported: Reported[]): number {
  if (given === undefined) return usualMs;
  const { minMs, maxMs } = silenceBounds;
  const asked = given.trim() === '' ? Number.NaN : Number(given);
  const taken = Number.isNaN(asked) ? usualMs : Math.min(maxMs, Math.max(minMs, Math.round(asked)));
  if (taken !== asked)
    reported.push({ name: param, message: `${param}: expected ${minMs} to ${maxMs} ms; ${taken} ms is taken.` });
  return taken;
}
