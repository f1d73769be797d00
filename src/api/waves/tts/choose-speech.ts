import { type AudioFormatName, rateOf } from '../../../audio/formats.js';
import type { SpeechLayer } from '../../../platform/layers/speech/speech.js';
import type { PronunciationDictionaries } from '../../../platform/pronunciations/dictionaries.js';
import { asWritten, type Respell, respelling } from '../../../platform/pronunciations/respelling.js';
import { ParleyError } from '../../../ports/errors.js';
import { RequestError } from '../../openai/rest/openai-error.js';
import { reportedLanguage } from '../common/languages.js';
import type { Reported } from '../common/reported.js';
import { chooseVoice } from '../voices/choose-voice.js';
import type { TtsFields } from './tts-request.js';

/** How a request is spoken. */
export type ChosenSpeech = {
  readonly model: string;
  readonly voice: string;
  readonly speed: number;
  readonly format: AudioFormatName;
  readonly rateHz: number;
  readonly respell: Respell | undefined;
  readonly reported: readonly Reported[];
};

/** Where nobody asks for another rate, in Hz: what Smallest.ai's clients then expect. */
const usualRatesHz = { newer: 44_100, older: 24_000, telephone: 8_000 } as const;
const older = new Set(['lightning', 'lightning-large', 'lightning-v2', 'lightning_v2']);

/**
 * @param keyId whose dictionaries there are
 * @throws ParleyError `model.unknown` (404), `audio.rate` (400); RequestError for a cloned voice or an unknown dictionary
 */
export async function chooseSpeech(
  body: TtsFields,
  means: {
    readonly speech: SpeechLayer;
    readonly dictionaries: PronunciationDictionaries;
    readonly keyId: string | undefined;
  },
): Promise<ChosenSpeech> {
  const named = body.model ?? undefined;
  const { id: model, engine } = means.speech.models.find(named);
  const { voice, reported } = chooseVoice(engine, body.voice_id);
  const asked = body.output_format ?? 'pcm';
  const format = asked === 'ulaw' ? 'mulaw' : asked;
  const usualHz =
    format === 'mulaw' || format === 'alaw'
      ? usualRatesHz.telephone
      : usualRatesHz[named !== undefined && older.has(named) ? 'older' : 'newer'];
  return {
    model,
    voice,
    speed: body.speed ?? 1,
    format,
    rateHz: rateOf(format, body.sample_rate ?? usualHz),
    respell: await respellOf(body, means),
    reported: [
      ...reported,
      ...reportedLanguage(body.language ?? undefined),
      ...reportedLanguage(body.number_pronunciation_language ?? undefined, 'number_pronunciation_language'),
    ],
  };
}

async function respellOf(
  { pronunciation_dicts: ids, math_notation: isMath }: TtsFields,
  { dictionaries, keyId }: { readonly dictionaries: PronunciationDictionaries; readonly keyId: string | undefined },
): Promise<Respell | undefined> {
  const items = await dictionaries.items(keyId, ids ?? []).catch((error: unknown) => {
    if (!(ParleyError.isInstance(error) && error.code === 'pronunciation.unknown')) throw error;
    throw new RequestError(error.message, { param: 'pronunciation_dicts', code: error.code });
  });
  const respell = respelling(items);
  if (!isMath) return respell;
  return (text) => {
    const product = withTimes(text);
    return (respell ?? asWritten)(product);
  };
}

/** Between numbers, an x is a multiplication sign. */
function withTimes(text: string): string {
  return text.replace(/(?<=\d\s?)[xX](?=\s?\d)/g, '×');
}
