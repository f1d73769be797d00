import { durationMs, samplesOf } from '../../audio/frame.js';
import { rmsDb } from '../../audio/loudness.js';
import { createResampler } from '../../audio/resample.js';
import { EventLog, eventLogSchema } from '../../conversation/event-log.js';
import { defaultPhraseTexts, renderPhrases } from '../../conversation/phrases.js';
import { CallSession } from '../../conversation/session.js';
import type { SessionEvent } from '../../conversation/session-events.js';
import { PhraseCache } from '../../conversation/speak/phrase-cache.js';
import { defaultTurnSettings, type TurnSettings } from '../../conversation/turn/settings.js';
import { ScriptedEndOfTurn } from '../scripted-end-of-turn.js';
import { ScriptedSpeechToText } from '../scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../scripted-text-to-speech.js';
import { ScriptedVoiceActivity } from '../scripted-voice-activity.js';
import { decodeTones } from '../tone-decoder.js';
import { ToneVocabulary } from '../tone-words.js';
import { VirtualClock } from '../virtual-clock.js';
import { createCallerChannel } from './caller-channel.js';
import { audibleSpan, type LineRole, prepareLines } from './caller-lines.js';
import { createDirector } from './director.js';
import { growingTranscripts } from './growing-transcripts.js';
import { scenarioLimits } from './limits.js';
import { arrivalTimes } from './network-times.js';
import type { ObservedCall, ReplyEnd, TimedText } from './observed-call.js';
import type { Scenario } from './scenario-schema.js';
import { scriptedAgent } from './scripted-agent.js';
import { virtualSurroundings } from './surroundings.js';
import { toneCaller } from './tone-caller.js';
import { type BrokenInvariant, brokenInvariants } from './virtual-invariants.js';
import { lineRateHz, VirtualLine } from './virtual-line.js';
import { WordEar } from './word-ear.js';

const frameMs = 20;
const frameSamples = samplesOf(frameMs, lineRateHz);
/** Virtual time after which a call is broken off. */
const longestCallMs = scenarioLimits.maxCallMs;
/**
 * What scripted ears take for somebody who speaks to them: the caller at -26 dBFS, and not somebody 15 dB below. Real ears
 * tell the two apart by more than level; how well is for real calls to show.
 */
const speechFromDb = -40;
/** How sure the end-of-turn model is in the middle of what the caller says, and at its end. */
const probability = { within: 0.05, end: 0.97 };
/** Two words of tone speech. */
const partialEveryMs = 580;
const callId = 'call_simulated';

export type VirtualCallOptions = {
  /** @defaultValue the scenario's own */
  readonly seed?: number;
  /** @defaultValue the shipped settings */
  readonly settings?: TurnSettings;
};

export type VirtualCall = ObservedCall & {
  /** The call's event log, line by line. Equal seeds give equal lines. */
  readonly log: readonly string[];
  /** What must hold for every call and did not. */
  readonly broken: readonly BrokenInvariant[];
};

/**
 * Plays a scenario in virtual time: the real session and turn machine, scripted engines, and a caller who speaks in tones.
 * Seconds of conversation take milliseconds, and the same seed gives the same call, to the bit.
 */
export async function virtualCall(scenario: Scenario, options: VirtualCallOptions = {}): Promise<VirtualCall> {
  const seed = options.seed ?? scenario.seed;
  const settings = options.settings ?? defaultTurnSettings;
  const vocabulary = new ToneVocabulary();
  const source = toneCaller(vocabulary);
  const lines = await prepareLines(scenario, source, { rateHz: lineRateHz, seed, rendered: false });
  const surroundings = await virtualSurroundings({ scenario, source, rateHz: lineRateHz, seed });
  const tts = (clock: VirtualClock): ScriptedTextToSpeech => new ScriptedTextToSpeech({ clock, vocabulary });
  const life = new AbortController();
  const named = await renderPhrases(
    tts(new VirtualClock({ auto: true })),
    'tones',
    { ...defaultPhraseTexts, ...(scenario.agent.greeting === undefined ? {} : { greeting: scenario.agent.greeting }) },
    life.signal,
  );
  const outputResampler = await createResampler({ fromHz: 24_000, toHz: lineRateHz });

  const clock = new VirtualClock();
  const line = new VirtualLine(clock);
  const channel = createCallerChannel(lineRateHz, surroundings);
  const ear = new WordEar({ rateHz: lineRateHz, vocabulary });
  const director = createDirector(scenario, lines);
  const observed = observeSession(clock);
  const spoken: { place: number; role: LineRole; startMs: number; endMs: number }[] = [];
  const log: string[] = [];
  const callerFrames: Float32Array[] = [];
  const speaking = (): boolean => spoken.some(({ endMs }) => endMs > clock.nowMs());
  const brain = await scriptedAgent(scenario, clock).begin({ callId, signal: life.signal });
  const session = new CallSession({
    callId,
    transport: line,
    engines: {
      vad: new ScriptedVoiceActivity({ clock, speechFromDb }),
      stt: new ScriptedSpeechToText({
        clock,
        partialEveryMs,
        transcripts: growingTranscripts({ rateHz: lineRateHz, vocabulary, floorDb: speechFromDb }),
      }),
      endOfTurn: new ScriptedEndOfTurn({
        clock,
        probability: () => (speaking() ? probability.within : probability.end),
      }),
      tts: tts(clock),
    },
    brain,
    voice: 'tones',
    speed: 1,
    settings,
    // No openers: the words of a reply are those of the scenario.
    phrases: { named, openers: [], cache: new PhraseCache() },
    greet: scenario.agent.greeting !== undefined,
    clock,
    outputResampler,
    holdBackground: () => () => {},
    recorder: undefined,
    log: new EventLog(
      { write: (text) => log.push(text) },
      { schema: eventLogSchema, callId, startedAt: '2026-01-01T00:00:00.000Z', settings, modelHashes: {} },
    ),
    observer: observed.observe,
  });

  const arrivals = arrivalTimes(scenario.conditions, seed);
  let frames = 0;
  let over = false;
  /** The frame that has just been spoken goes out, and the next one is decided on. */
  const tick = (): void => {
    const from = frames * frameSamples;
    if (frames > 0) {
      const agent = line.heard(from - frameSamples, from);
      ear.hear(agent);
      const caller = channel.next(agent);
      callerFrames.push(caller);
      deliver(caller, frames - 1);
      direct(rmsDb(agent) > -50);
    } else direct(false);
    if (over) return;
    frames += 1;
    clock.at(frames * frameMs, tick);
  };
  const deliver = (samples: Float32Array, index: number): void => {
    const arrivesMs = arrivals ? arrivals.get(index) : clock.nowMs();
    if (arrivesMs === undefined) return;
    const push = (): void => line.push({ type: 'audio', frame: { samples, rateHz: lineRateHz } });
    if (arrivesMs <= clock.nowMs()) push();
    else clock.at(arrivesMs, push);
  };
  const direct = (audible: boolean): void => {
    const nowMs = clock.nowMs();
    const ended = line.endedMs !== undefined || nowMs > longestCallMs;
    for (const action of director.step({
      nowMs,
      audible,
      busy: observed.busy || line.pending,
      ended,
      words: ear.words,
    })) {
      if (action.type === 'end') over = true;
      else if (action.type === 'keys') for (const digit of action.keys) line.push({ type: 'dtmf', digit });
      else {
        const startMs = channel.play(action.line.sound);
        const span = audibleSpan(action.line.sound);
        spoken.push({
          place: action.place,
          role: action.line.role,
          startMs: startMs + span.startMs,
          endMs: startMs + span.endMs,
        });
      }
    }
  };

  clock.at(0, tick);
  const done = session.run();
  await clock.runUntil(() => over, longestCallMs + 60_000);
  line.disconnect();
  let finished = false;
  void done.then(() => {
    finished = true;
  });
  await clock.runUntil(() => finished, longestCallMs);
  life.abort(new Error('the call is over'));

  const length = (frames - 1) * frameSamples;
  const agent = line.heard(0, Math.max(0, length));
  const caller = new Float32Array(agent.length);
  callerFrames.slice(0, frames - 1).forEach((frame, index) => {
    caller.set(frame, index * frameSamples);
  });
  const endMs = durationMs(length, lineRateHz);
  const decoded = decodeTones(agent, { rateHz: lineRateHz, vocabulary });
  return {
    rateHz: lineRateHz,
    caller,
    agent,
    lines: spoken,
    marks: director.marks,
    words: decoded.map(({ text, startMs }) => ({ text, atMs: startMs })),
    heard: observed.heard,
    problems: observed.problems,
    replies: [...repliesOf(line, observed.ends, endMs)],
    overlaps: line.overlaps,
    endedByAgentMs: line.endedMs,
    log,
    broken: brokenInvariants({ log, history: brain.history, line, agent, vocabulary }),
  };
}

/** What the session says of itself. */
function observeSession(clock: VirtualClock) {
  const heard: TimedText[] = [];
  const problems: TimedText[] = [];
  const ends = new Map<number, ReplyEnd>();
  const open = new Set<number>();
  return {
    heard,
    problems,
    ends,
    get busy(): boolean {
      return open.size > 0;
    },
    observe(event: SessionEvent): void {
      const atMs = clock.nowMs();
      if (event.type === 'turn-committed') {
        heard.push({ atMs, text: event.text });
        if (event.reply !== undefined) open.add(event.reply);
      } else if (event.type === 'problem') problems.push({ atMs, text: `${event.code}: ${event.message}` });
      else if (event.type === 'reply-started') open.add(event.reply);
      else if (event.type === 'reply-finished') {
        open.delete(event.reply);
        ends.set(event.reply, event.status === 'cancelled' ? 'interrupted' : event.status);
      }
    },
  };
}

function* repliesOf(
  line: VirtualLine,
  ends: ReadonlyMap<number, ReplyEnd>,
  lengthMs: number,
): Iterable<ObservedCall['replies'][number]> {
  const numbers = [...new Set(line.stretches.map(({ reply }) => reply))];
  for (const reply of numbers) {
    const own = line.stretches.filter((stretch) => stretch.reply === reply);
    const startMs = line.msOf(own[0]?.from ?? 0);
    const endMs = Math.min(lengthMs, line.msOf(own.at(-1)?.to ?? 0));
    yield { startMs, endMs, end: ends.get(reply) ?? 'open' };
  }
}
