import { ParleyError } from '../../ports/errors.js';
import { believableWords, isAudible } from './believable.js';
import { isDictation } from './dictation.js';
import { atHearingLevel } from './levels.js';
import { maxMoonshineSamples, minMoonshineSamples } from './limits.js';
import { shortenPauses } from './shorten-pauses.js';
import { type VoicedStretch, voicedStretches } from './voiced-stretches.js';
import type { Heard, HeardWord } from './wire.js';

/** What the recogniser is given: samples at its level, and what is expected in them. */
export type Decode = (request: {
  readonly samples: Float32Array;
  readonly draft: readonly number[];
  readonly digits: boolean;
}) => Promise<Heard>;

/**
 * Pauses between dictated digits that the recogniser hears. On 48 dictated numbers 200 to 400 ms and pauses as they are
 * make the same errors within chance; shorter ones cost digits, longer ones time.
 */
const dictationPauseMs = 300;

/**
 * What is heard in 16 kHz samples. A number that is dictated is decoded with a prior for digits, at once where an earlier
 * decoding of the utterance was one.
 *
 * @param earlier what was heard in nearly the same audio before
 * @throws ParleyError `stt.too_long`
 */
export async function transcribe(samples: Float32Array, earlier: readonly HeardWord[], decode: Decode): Promise<Heard> {
  if (samples.length < minMoonshineSamples || !isAudible(samples)) return nothing;
  if (samples.length > maxMoonshineSamples)
    throw new ParleyError(`Moonshine takes 30 s at once, not ${Math.round(samples.length / 16_000)} s.`, {
      code: 'stt.too_long',
    });
  const stretches = voicedStretches(samples);
  const draft = earlier.flatMap(({ tokens }) => tokens);
  if (isDictation(earlier, stretches)) {
    const read = await readDigits(samples, stretches, draft, decode);
    if (isDictation(read.words, stretches)) return read;
  }
  const { words, beginnings } = await decode({ samples: atHearingLevel(samples), draft, digits: false });
  if (isDictation(words, stretches)) return readDigits(samples, stretches, [], decode);
  return { words: believableWords(words, samples), beginnings };
}

const nothing: Heard = { words: [], beginnings: [] };

async function readDigits(
  samples: Float32Array,
  stretches: readonly VoicedStretch[],
  draft: readonly number[],
  decode: Decode,
): Promise<Heard> {
  const shortened = shortenPauses(samples, stretches, dictationPauseMs);
  const { words, beginnings } = await decode({ samples: atHearingLevel(shortened.samples), draft, digits: true });
  const believed = believableWords(words, shortened.samples).map((word) => ({
    ...word,
    startMs: shortened.originalMs(word.startMs),
    endMs: shortened.originalMs(word.endMs),
  }));
  return { words: believed, beginnings };
}
