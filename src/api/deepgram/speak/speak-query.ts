import { z } from 'zod';
import { type AudioFormatName, type RawEncoding, rateOf } from '../../../audio/formats.js';
import { speechSpeeds } from '../../../platform/layers/speech/speech.js';
import { invalid } from '../deepgram-error.js';
import { decimal, flag, wholeNumber } from '../query.js';

const common = {
  model: z.string().max(200).optional().describe('A model. Deepgram’s own names mean the first one and its voice.'),
  sample_rate: wholeNumber(8_000, 48_000).optional().describe('Of the audio, in Hz.'),
  speed: decimal(speechSpeeds.min, speechSpeeds.max).default(1).describe('1 is the voice’s own pace.'),
  mip_opt_out: flag.default(true).describe('Nothing is kept for training, whatever is said here.'),
} as const;

const encodings = ['linear16', 'mulaw', 'alaw', 'mp3', 'opus', 'flac', 'aac'] as const;

/** `POST /v1/speak` */
export const speakQuerySchema = z.object({
  ...common,
  encoding: z.enum(encodings, { error: `expected one of ${encodings.join(', ')}` }).default('mp3'),
  container: z.enum(['none', 'wav', 'ogg'], { error: 'expected none, wav or ogg' }).optional(),
  callback: z
    .undefined({ error: 'answers to another address are not offered; wait for the answer to the request' })
    .optional()
    .describe('Is refused.'),
});

const streamed = ['linear16', 'mulaw', 'alaw'] as const;

/** A socket at `/v1/speak` */
export const speakSocketQuerySchema = z.object({
  ...common,
  encoding: z.enum(streamed, { error: `expected one of ${streamed.join(', ')}` }).default('linear16'),
  container: z.enum(['none'], { error: 'expected none: audio on a socket has no container' }).optional(),
});

export type SpeakOptions = z.output<typeof speakQuerySchema>;
export type SpeakSocketOptions = z.output<typeof speakSocketQuerySchema>;

/** In what the audio is made. */
export type SpokenFormat = {
  readonly format: AudioFormatName;
  readonly rateHz: number;
  readonly contentType: string;
  /** What the header of a WAV file says of the bytes behind it, where the format itself has none. */
  readonly wavOf?: Exclude<RawEncoding, 'float32'>;
};

/** Telephony has one rate; other audio is made at the voice's own. */
const telephoneHz = 8_000;

/**
 * Deepgram puts what has no container of its own into WAV, unless it is told not to.
 * @throws ParleyError `invalid_value`, `audio.rate` (400)
 */
export function spokenFormatOf({ encoding, container, sample_rate: askedHz }: SpeakOptions): SpokenFormat {
  const plain = encoding === 'linear16' || encoding === 'mulaw' || encoding === 'alaw';
  const wanted = container ?? (plain ? 'wav' : encoding === 'opus' ? 'ogg' : 'none');
  const possible = plain ? ['wav', 'none'] : encoding === 'opus' ? ['ogg'] : ['none'];
  if (!possible.includes(wanted))
    throw invalid(`container: ${encoding} is given out with ${possible.join(' or ')}, not with ${wanted}.`);
  if (encoding === 'linear16') {
    const format = wanted === 'wav' ? 'wav' : 'pcm';
    const rateHz = rateOf(format, askedHz);
    return { format, rateHz, contentType: wanted === 'wav' ? 'audio/wav' : `audio/l16;rate=${rateHz};channels=1` };
  }
  if (encoding === 'mulaw' || encoding === 'alaw') {
    const rateHz = rateOf(encoding, askedHz ?? telephoneHz);
    if (wanted === 'wav') return { format: encoding, rateHz, contentType: 'audio/wav', wavOf: encoding };
    return { format: encoding, rateHz, contentType: `audio/${encoding};rate=${rateHz};channels=1` };
  }
  const contentTypes = { mp3: 'audio/mpeg', opus: 'audio/ogg', flac: 'audio/flac', aac: 'audio/aac' } as const;
  return { format: encoding, rateHz: rateOf(encoding, askedHz), contentType: contentTypes[encoding] };
}

/** Of the audio on a socket. */
export function streamedFormatOf({ encoding, sample_rate: askedHz }: SpeakSocketOptions): {
  readonly encoding: RawEncoding;
  readonly rateHz: number;
} {
  if (encoding === 'linear16') return { encoding: 'pcm16', rateHz: rateOf('pcm', askedHz) };
  return { encoding, rateHz: rateOf(encoding, askedHz ?? telephoneHz) };
}
