import { expect } from 'vitest';
import { agentDefaults } from '../../../src/agents/definition.js';
import { PromptBrain } from '../../../src/agents/prompt-brain.js';
import { samplesOf } from '../../../src/audio/frame.js';
import { rms, rmsDb } from '../../../src/audio/loudness.js';
import { createResampler } from '../../../src/audio/resample.js';
import { EventLog, eventLogSchema } from '../../../src/conversation/event-log.js';
import { defaultPhraseTexts, type PhraseTexts, renderVoicePhrases } from '../../../src/conversation/phrases.js';
import { parseEventLog } from '../../../src/conversation/read-event-log.js';
import { CallRecorder } from '../../../src/conversation/recording.js';
import { replay } from '../../../src/conversation/replay.js';
import { CallSession } from '../../../src/conversation/session.js';
import type { SessionEvent } from '../../../src/conversation/session-events.js';
import { type TurnSettingsChange, turnSettings } from '../../../src/conversation/turn/turn-fixture.js';
import type { Brain, BrainSession } from '../../../src/ports/brain.js';
import type { SpeechToText } from '../../../src/ports/speech-to-text.js';
import type { TextToSpeech } from '../../../src/ports/text-to-speech.js';
import type { VoiceActivity } from '../../../src/ports/voice-activity.js';
import type { Disorder } from '../../../src/testing/disorder.js';
import { ScriptedEndOfTurn, type ScriptedEndOfTurnOptions } from '../../../src/testing/scripted-end-of-turn.js';
import {
  ScriptedLanguageModel,
  type ScriptedLanguageModelOptions,
} from '../../../src/testing/scripted-language-model.js';
import {
  ScriptedSpeechToText,
  type ScriptedSpeechToTextOptions,
} from '../../../src/testing/scripted-speech-to-text.js';
import {
  ScriptedTextToSpeech,
  type ScriptedTextToSpeechOptions,
} from '../../../src/testing/scripted-text-to-speech.js';
import { ScriptedTransport, type ScriptedTransportOptions } from '../../../src/testing/scripted-transport.js';
import { ScriptedVoiceActivity } from '../../../src/testing/scripted-voice-activity.js';
import { type DecodedWord, decodedText, decodeTones } from '../../../src/testing/tone-decoder.js';
import { speakTones, ToneVocabulary, toneWord } from '../../../src/testing/tone-words.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

/** The caller's own tones: the agent's are another vocabulary. */
const callerRateHz = 16_000;
/** A word counts as heard when half of its 250 ms sounded. */
const halfWordMs = 125;

export type CallRigOptions = {
  readonly reply?: ScriptedLanguageModelOptions['reply'];
  readonly model?: Partial<ScriptedLanguageModelOptions>;
  readonly stt?: Partial<ScriptedSpeechToTextOptions>;
  readonly endOfTurn?: Partial<ScriptedEndOfTurnOptions>;
  readonly tts?: Partial<ScriptedTextToSpeechOptions>;
  readonly transport?: Partial<ScriptedTransportOptions>;
  readonly settings?: TurnSettingsChange;
  readonly phrases?: Partial<PhraseTexts>;
  /** Whether replies may begin with an opener. @defaultValue false */
  readonly openers?: boolean;
  readonly greet?: boolean;
  readonly record?: boolean;
  readonly vad?: (clock: VirtualClock) => VoiceActivity;
  readonly speechToText?: (clock: VirtualClock) => SpeechToText;
  readonly brain?: (clock: VirtualClock) => Brain;
  /** What speaks, given the scripted voice. @defaultValue that voice */
  readonly voice?: (tts: ScriptedTextToSpeech, clock: VirtualClock) => TextToSpeech;
  /** Brings disorder into what the engines and timers bring. */
  readonly disorder?: (clock: VirtualClock) => Disorder;
};

export type TimedEvent = { readonly atMs: number; readonly event: SessionEvent };

/** One whole call in virtual time: real session, real brain, scripted engines, and an ear at the far end. */
export class CallRig {
  readonly clock = new VirtualClock();
  readonly callerVocabulary = new ToneVocabulary();
  readonly agentVocabulary = new ToneVocabulary();
  readonly transport: ScriptedTransport;
  readonly events: TimedEvent[] = [];
  readonly logLines: string[] = [];
  readonly recording: Uint8Array[] = [];
  readonly endOfTurn: ScriptedEndOfTurn;
  readonly tts: ScriptedTextToSpeech;
  readonly disorder: Disorder | undefined;
  readonly #options: CallRigOptions;
  #session: CallSession | undefined;
  #brain: BrainSession | undefined;
  #done: Promise<void> | undefined;
  #abort = new AbortController();

  private constructor(options: CallRigOptions) {
    const { clock } = this;
    this.#options = options;
    const disorder = options.disorder?.(clock);
    this.disorder = disorder;
    const deliverMark = disorder && ((deliver: () => void) => disorder.deliver('acknowledgement', deliver));
    this.transport = new ScriptedTransport({ clock, ...(deliverMark ? { deliverMark } : {}), ...options.transport });
    this.endOfTurn = new ScriptedEndOfTurn({ clock, ...options.endOfTurn });
    this.tts = new ScriptedTextToSpeech({ clock, vocabulary: this.agentVocabulary, ...options.tts });
  }

  static async open(options: CallRigOptions = {}): Promise<CallRig> {
    // Compiled once, in real time, before virtual time begins.
    (await createResampler({ fromHz: callerRateHz, toHz: 24_000 })).close();
    const rig = new CallRig(options);
    await rig.#begin();
    return rig;
  }

  get session(): CallSession {
    if (!this.#session) throw new Error('the call has not begun');
    return this.#session;
  }

  get brain(): BrainSession {
    if (!this.#brain) throw new Error('the call has not begun');
    return this.#brain;
  }

  async #begin(): Promise<void> {
    const { clock, transport, endOfTurn, tts, agentVocabulary, callerVocabulary, disorder } = this;
    const { settings, greet = false, reply = 'Sure, that. Anything else?', record = false } = this.#options;
    const renderer = new ScriptedTextToSpeech({ clock: new VirtualClock({ auto: true }), vocabulary: agentVocabulary });
    const texts = { ...defaultPhraseTexts, ...this.#options.phrases };
    const rendered = await renderVoicePhrases(renderer, 'tones', texts, this.#abort.signal);
    const phrases = this.#options.openers ? rendered : { ...rendered, openers: [] };
    const agent = {
      ...agentDefaults,
      name: 'test',
      greeting: undefined,
      instructions: 'You sell coffee.',
      examples: [],
    };
    const brain =
      this.#options.brain?.(clock) ??
      new PromptBrain({ model: new ScriptedLanguageModel({ clock, reply, ...this.#options.model }), agent });
    const stt =
      this.#options.speechToText?.(clock) ??
      new ScriptedSpeechToText({
        clock,
        transcripts: ({ samples }) => decodedText(samples, { rateHz: callerRateHz, vocabulary: callerVocabulary }),
        ...this.#options.stt,
      });
    const vad = this.#options.vad?.(clock) ?? new ScriptedVoiceActivity({ clock });
    const voice = this.#options.voice?.(tts, clock) ?? tts;
    const engines = { vad, stt, endOfTurn, tts: voice };
    this.#brain = await (disorder?.brain(brain) ?? brain).begin({ callId: 'call_1', signal: this.#abort.signal });
    const turn = turnSettings(settings);
    this.#session = new CallSession({
      callId: 'call_1',
      transport,
      engines: disorder
        ? {
            vad: disorder.voiceActivity(vad),
            stt: disorder.speechToText(stt),
            endOfTurn: disorder.endOfTurn(endOfTurn),
            tts: disorder.textToSpeech(voice),
          }
        : engines,
      brain: this.#brain,
      voice: 'tones',
      speed: 1,
      settings: turn,
      phrases,
      greet,
      clock: disorder?.clock() ?? clock,
      outputResampler: undefined,
      holdBackground: () => () => {},
      recorder: record ? new CallRecorder({ write: (bytes) => this.recording.push(bytes.slice()) }) : undefined,
      log: new EventLog(
        { write: (line) => this.logLines.push(line) },
        {
          schema: eventLogSchema,
          callId: 'call_1',
          startedAt: '2026-01-01T00:00:00.000Z',
          settings: turn,
          modelHashes: {},
        },
      ),
      observer: (event) => this.events.push({ atMs: clock.nowMs(), event }),
    });
    this.#done = this.#session.run();
    await clock.settle();
  }

  callerSpeech(text: string): Float32Array {
    return speakTones(text, { rateHz: callerRateHz, vocabulary: this.callerVocabulary }).samples;
  }

  /** The caller says it, in real time. @returns when they began, on the clock */
  async say(text: string): Promise<number> {
    this.transport.connect();
    const onsetMs = this.clock.nowMs();
    let said = false;
    void this.transport.say(this.callerSpeech(text)).then(() => {
      said = true;
    });
    await this.clock.runUntil(() => said, 120_000);
    return onsetMs;
  }

  of<T extends SessionEvent['type']>(
    type: T,
  ): { readonly atMs: number; readonly event: Extract<SessionEvent, { type: T }> }[] {
    return this.events.filter(
      (each): each is { atMs: number; event: Extract<SessionEvent, { type: T }> } => each.event.type === type,
    );
  }

  /** Moves on until the `count`th event of that kind. */
  async until<T extends SessionEvent['type']>(type: T, count = 1, limitMs = 60_000): Promise<void> {
    await this.clock.runUntil(() => this.of(type).length >= count, limitMs);
  }

  /** The caller says something and hears all of the answer. */
  async exchange(text: string): Promise<void> {
    const finished = this.of('reply-finished').length;
    await this.say(text);
    await this.until('reply-finished', finished + 1);
  }

  /** Words that came out at the far end, at their times on the clock. */
  heardWords(minMs = halfWordMs): DecodedWord[] {
    return decodeTones(this.transport.heard(), { rateHz: 24_000, vocabulary: this.agentVocabulary, minMs });
  }

  /** The words that sounded between two moments, however short, and though they were lowered after their beginning. */
  wordsBetween(fromMs: number, untilMs: number): DecodedWord[] {
    const heard = this.transport.heard();
    const end = Math.min(heard.length, samplesOf(Math.min(untilMs, this.clock.nowMs()), 24_000));
    const samples = levelled(heard.subarray(samplesOf(fromMs, 24_000), end));
    return decodeTones(samples, { rateHz: 24_000, vocabulary: this.agentVocabulary, minMs: 5 });
  }

  /** Level of what came out at the far end, in steps of 10 ms. */
  levels(fromMs: number, untilMs: number): { readonly atMs: number; readonly levelDb: number }[] {
    const hopMs = 10;
    const heard = this.transport.heard();
    return Array.from({ length: Math.floor((untilMs - fromMs) / hopMs) }, (_, index) => {
      const atMs = fromMs + index * hopMs;
      return { atMs, levelDb: rmsDb(heard.subarray(samplesOf(atMs, 24_000), samplesOf(atMs + hopMs, 24_000))) };
    });
  }

  heard(): string {
    return this.heardWords()
      .map((word) => word.text)
      .join(' ');
  }

  /** When the agent is first heard at or after `fromMs`. */
  audibleAfter(fromMs: number): number {
    return this.heardWords(5).find((word) => word.endMs > fromMs)?.startMs ?? Number.POSITIVE_INFINITY;
  }

  /** The last moment at which the agent sounds. */
  soundedUntil(): number {
    return this.heardWords(5).at(-1)?.endMs ?? 0;
  }

  /** What history says of the conversation, as role: words. */
  history(): string[] {
    return this.brain.history.map((item) => `${item.role}: ${wordsOf(item.text ?? item.role)}`);
  }

  /** The caller hangs up; what must hold for every call is checked. */
  async end(): Promise<void> {
    this.transport.disconnect();
    let over = false;
    void this.#done?.then(() => {
      over = true;
    });
    await this.clock.settle();
    // What hangs is given up within this.
    if (!over) await this.clock.advance(10_000);
    expect(over, 'the call has ended').toBe(true);
    expect(this.of('ended')).toHaveLength(1);
    // Engines that are deaf have timers of their own.
    expect(this.disorder?.timers ?? this.clock.armed, 'timers that are left').toBe(0);
    this.#abort.abort(new Error('the test is over'));
    const report = replay(parseEventLog(`${this.logLines.join('\n')}\n`));
    expect(report.differences).toEqual([]);
    expect(report.disagreements).toEqual([]);
    const replies = this.transport.sent.map((frame) => frame.tag.reply);
    expect(replies, 'one reply at a time').toEqual([...replies].sort((a, b) => a - b));
  }

  /** Problems that were reported, by code. */
  problems(): string[] {
    return this.of('problem').map(({ event }) => event.code);
  }
}

/** The same sound with all of it equally loud. */
function levelled(samples: Float32Array): Float32Array {
  const hop = 120;
  const out = samples.slice();
  for (let at = 0; at < out.length; at += hop) {
    const part = out.subarray(at, at + hop);
    const level = rms(part);
    if (level > 0.003) for (let i = 0; i < part.length; i++) part[i] = ((part[i] as number) * 0.2) / level;
  }
  return out;
}

/** Lower case, without punctuation: as tones are decoded. */
export function wordsOf(text: string): string {
  return text
    .split(/\s+/)
    .map(toneWord)
    .filter((word) => word !== '')
    .join(' ');
}
