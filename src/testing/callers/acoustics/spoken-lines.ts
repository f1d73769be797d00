import { concatSamples, durationMs } from '../../../audio/frame.js';
import { gainOf, rmsEnvelope } from '../../../audio/loudness.js';
import { resample } from '../../../audio/resample.js';
import { ParleyError } from '../../../ports/errors.js';
import type { TextToSpeech } from '../../../ports/text-to-speech.js';
import { pick, randomFrom } from '../../seeded-random.js';
import {
  atSpeechLevel,
  type CallerSound,
  type CallerWord,
  callerRateHz,
  type Stretch,
  shifted,
  trim,
} from './caller-sound.js';
import { changeVoice, randomVoice, type VoiceChange } from './voice-change.js';

/** What callers say in a word or two. They are synthesised: where they are reported, that is said. */
export const callerLines = {
  backchannel: ['Mm-hm.', 'Right.', 'Okay.', 'Uh-huh.', 'Yeah.', 'I see.', 'Sure.'],
  yes: ['Yes.', 'Yeah.', 'Yes, please.', 'Yep.', 'That is right.', 'Sure.', 'Correct.'],
  no: ['No.', 'Nope.', 'No, thank you.', 'No, that is wrong.', 'Not really.'],
  stop: ['Wait.', 'Stop.', 'No, actually.', 'Hold on.', 'Hang on a second.', 'Excuse me.'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type LineKind = keyof typeof callerLines;

export type SpokenLine = {
  readonly kind: LineKind;
  readonly text: string;
  readonly voice: VoiceChange;
  /** 16 kHz; its speech is all of it. */
  readonly sound: CallerSound;
};

/** Where the field puts the edges of synthesised speech: the first and last 10 ms above -45 dBFS RMS. */
const edgeDb = -45;
const edgeHopMs = 10;
/** RMS of a caller's speech. */
const levelDb = -26;

/**
 * Lines of one kind, each in a voice of its own; the same seed, the same lines and voices (and with a deterministic
 * engine, the same samples).
 */
export async function speakLines(
  tts: TextToSpeech,
  options: { readonly kind: LineKind; readonly count: number; readonly seed: number; readonly signal: AbortSignal },
): Promise<SpokenLine[]> {
  const { kind, count, seed, signal } = options;
  const random = randomFrom(seed);
  const lines: SpokenLine[] = [];
  for (let i = 0; i < count; i++) {
    const texts = callerLines[kind];
    // One after the other, so that each is there as often as any.
    const text = texts[i % texts.length] as string;
    const voice = randomVoice(random);
    const base = pick(random, tts.voices) ?? '';
    lines.push({ kind, text, voice, sound: await speakLine(tts, { text, base, voice, signal }) });
  }
  return lines;
}

/**
 * One line, from its first sound to its last, at -26 dBFS.
 * @param options.base a voice of the engine
 * @throws ParleyError `acoustics.unspoken` when the engine makes no sound of it
 */
export async function speakLine(
  tts: TextToSpeech,
  options: {
    readonly text: string;
    readonly base: string;
    /** @defaultValue the engine's own voice */
    readonly voice?: VoiceChange;
    readonly signal: AbortSignal;
  },
): Promise<CallerSound> {
  const { text, base, voice, signal } = options;
  const parts: Float32Array[] = [];
  const words: CallerWord[] = [];
  let spokenMs = 0;
  for await (const event of tts.speak({ text, voice: base, signal, urgency: 'later' })) {
    if (event.type !== 'audio') continue;
    words.push(
      ...(shifted({ samples: event.samples, rateHz: event.rateHz, speech: [], words: event.words }, spokenMs).words ??
        []),
    );
    parts.push(event.samples);
    spokenMs += durationMs(event.samples.length, event.rateHz);
  }
  const own = await resample(concatSamples(parts), tts.rateHz, callerRateHz);
  const changed = voice ? await changeVoice(own, voice) : own;
  const levelled = atSpeechLevel({ samples: changed, rateHz: callerRateHz, speech: loudSpan(changed) }, levelDb);
  const [span] = loudSpan(levelled.samples);
  if (!span)
    throw new ParleyError(`The voice made no sound of "${text}": expected words that can be spoken.`, {
      code: 'acoustics.unspoken',
      status: 400,
    });
  const pace = voice?.pace ?? 1;
  const heard = words.map((word) => ({ ...word, startMs: word.startMs / pace, endMs: word.endMs / pace }));
  return trim({ ...levelled, speech: [span], words: heard }, span);
}

/** From the first to the last loud hop; none in silence. */
function loudSpan(samples: Float32Array): Stretch[] {
  const loud = gainOf(edgeDb);
  const envelope = rmsEnvelope(samples, callerRateHz, edgeHopMs);
  const first = envelope.findIndex((level) => level >= loud);
  if (first < 0) return [];
  const last = envelope.findLastIndex((level) => level >= loud);
  const endMs = Math.min((last + 1) * edgeHopMs, durationMs(samples.length, callerRateHz));
  return [{ startMs: first * edgeHopMs, endMs }];
}
