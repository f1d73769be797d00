import { z } from 'zod';
import { durationMs } from '../../audio/frame.js';
import type { SpeakOptions, SpeechEvent, TextToSpeech } from '../../ports/text-to-speech.js';
import { type CheckedClause, checkedClause } from '../remote/clause.js';
import { PcmStream } from '../remote/pcm-stream.js';
import { cutOff, rubbish } from '../remote/refusals.js';
import { RemoteApi, type RemoteApiOptions } from '../remote/remote-api.js';
import { SpeechOnset } from '../remote/speech-onset.js';
import { WordedAudio } from '../remote/worded-audio.js';
import { CharacterTimes } from './character-times.js';
import { elevenLabsKey } from './elevenlabs-key.js';

export type ElevenLabsTextToSpeechOptions = RemoteApiOptions & {
  /** Such as `eleven_flash_v2_5`. */
  readonly model: string;
  /** Ids of voices. */
  readonly voices: readonly string[];
};

/** Of a voice's own speed: what it takes. */
const slowest = 0.7;
const fastest = 1.2;
/** Of what was said before: enough to go on with its intonation. */
const longestBefore = 500;

const pieceSchema = z.object({
  audio_base64: z.string().nullish(),
  alignment: z
    .object({
      characters: z.array(z.string()),
      character_start_times_seconds: z.array(z.number()),
      character_end_times_seconds: z.array(z.number()),
    })
    .nullish(),
});

/** ElevenLabs' speech with times, streamed over HTTP; each clause goes on from the one before. */
export class ElevenLabsTextToSpeech implements TextToSpeech {
  readonly name: string;
  readonly rateHz = 24_000;
  readonly voices: readonly string[];
  readonly #api: RemoteApi;
  readonly #model: string;

  constructor(options: ElevenLabsTextToSpeechOptions) {
    this.#api = new RemoteApi(options, elevenLabsKey);
    this.#model = options.model;
    this.name = `${options.provider}/${options.model}`;
    this.voices = options.voices;
  }

  async *speak(options: SpeakOptions): AsyncIterable<SpeechEvent> {
    const { clock } = this.#api;
    const startedMs = clock.nowMs();
    const { voices, rateHz } = this;
    const clause = checkedClause(options, { voices, rateHz, slowest, fastest });
    if (clause) yield* this.#speak(clause, options);
    yield { type: 'finish', computeMs: clock.nowMs() - startedMs };
  }

  async close(): Promise<void> {}

  async *#speak({ text, speed }: CheckedClause, options: SpeakOptions): AsyncGenerator<SpeechEvent, void, undefined> {
    const api = this.#api;
    const { rateHz } = this;
    const before = options.after?.trim().slice(-longestBefore) ?? '';
    const response = await api.exchange({
      path: `/v1/text-to-speech/${encodeURIComponent(options.voice)}/stream/with-timestamps`,
      query: [['output_format', 'pcm_24000']],
      body: {
        text,
        model_id: this.#model,
        ...(speed === 1 ? {} : { voice_settings: { speed } }),
        ...(before === '' ? {} : { previous_text: before }),
      },
      signal: options.signal,
    });
    const pcm = new PcmStream();
    const onset = new SpeechOnset(rateHz);
    const audio = new WordedAudio(rateHz);
    const times = new CharacterTimes();
    let receivedSamples = 0;
    for await (const line of response.lines()) {
      const { data: piece } = pieceSchema.safeParse(line);
      if (!piece) throw rubbish(api.provider, 'a piece of speech of another kind');
      if (piece.alignment) times.push(piece.alignment, durationMs(receivedSamples, rateHz));
      const samples = pcm.push(Buffer.from(piece.audio_base64 ?? '', 'base64'));
      receivedSamples += samples.length;
      const audible = onset.push(samples);
      const leftOutMs = durationMs(onset.leftOut, rateHz);
      const timed = audio.push(audible, (untilMs) =>
        times.take(untilMs + leftOutMs).map((word) => ({
          text: word.text,
          startMs: word.startMs - leftOutMs,
          endMs: word.endMs - leftOutMs,
        })),
      );
      if (timed) yield { type: 'audio', rateHz, ...timed };
    }
    const rest = audio.end(times.rest());
    if (!rest) throw cutOff(api.provider, 'it answered without a sound');
    yield { type: 'audio', rateHz, ...rest };
  }
}
