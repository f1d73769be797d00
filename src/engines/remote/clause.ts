import { ParleyError } from '../../ports/errors.js';
import type { SpeakOptions, SpeechEvent } from '../../ports/text-to-speech.js';
import type { RemoteRequest } from './exchange.js';
import { PcmStream } from './pcm-stream.js';
import { cutOff } from './refusals.js';
import type { RemoteApi } from './remote-api.js';
import { SpeechOnset } from './speech-onset.js';
import { type VoicePace, WordClock } from './word-clock.js';

const maxTextLength = 10_000;

/** What a clause is spoken with. */
export type RemoteVoice = {
  readonly voices: readonly string[];
  readonly rateHz: number;
  /** What the service takes for a speed; the port's own 0.5..2 where it takes more. */
  readonly slowest?: number;
  readonly fastest?: number;
};

export type CheckedClause = { readonly text: string; readonly speed: number };

/**
 * A clause that may be sent to a service; undefined where there is nothing to say.
 * @throws ParleyError `tts.unknown_voice`, `tts.text_too_long` (400); the signal's reason
 */
export function checkedClause(
  { text, voice, speed = 1, signal }: SpeakOptions,
  { voices, slowest = 0.5, fastest = 2 }: RemoteVoice,
): CheckedClause | undefined {
  signal.throwIfAborted();
  if (!voices.includes(voice))
    throw new ParleyError(`There is no voice "${voice}"; there are: ${voices.join(', ')}.`, {
      code: 'tts.unknown_voice',
      status: 400,
    });
  if (text.length > maxTextLength)
    throw new ParleyError(`A piece of speech may have ${maxTextLength} characters, not ${text.length}.`, {
      code: 'tts.text_too_long',
      status: 400,
    });
  if (!/[\p{L}\p{N}]/u.test(text)) return undefined;
  return { text: text.trim(), speed: Math.min(fastest, Math.max(slowest, Number.isFinite(speed) ? speed : 1)) };
}

/**
 * A clause of a service that answers a request with 16-bit PCM: played as it arrives, without the silence in front, with
 * estimated words.
 */
export async function* spokenClause(
  api: RemoteApi,
  options: SpeakOptions,
  voice: RemoteVoice & { readonly pace: VoicePace },
  requestOf: (clause: CheckedClause) => Pick<RemoteRequest, 'path' | 'query' | 'body'>,
): AsyncGenerator<SpeechEvent, void, undefined> {
  const startedMs = api.clock.nowMs();
  const clause = checkedClause(options, voice);
  if (clause) {
    const { rateHz, pace } = voice;
    const response = await api.exchange({ ...requestOf(clause), signal: options.signal });
    const pcm = new PcmStream();
    const onset = new SpeechOnset(rateHz);
    const words = new WordClock(clause.text, { rateHz, pace, speed: clause.speed });
    for await (const bytes of response.bytes()) {
      const timed = words.push(onset.push(pcm.push(bytes)));
      if (timed) yield { type: 'audio', rateHz, ...timed };
    }
    const rest = words.end();
    if (!rest) throw cutOff(api.provider, 'it answered without a sound');
    yield { type: 'audio', rateHz, ...rest };
  }
  yield { type: 'finish', computeMs: api.clock.nowMs() - startedMs };
}
