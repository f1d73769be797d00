import { samplesOf } from '../../src/audio/frame.js';
import { OverlapListener } from '../../src/conversation/listen/overlap-listener.js';
import { beginningsOfOthers, shareOfOurs } from '../../src/conversation/listen/own-words.js';
import { PlayoutLedger } from '../../src/conversation/speak/ledger.js';
import { Pacer } from '../../src/conversation/speak/pacer.js';
import { ReplySource } from '../../src/conversation/speak/reply-source.js';
import type { SpokenPiece } from '../../src/conversation/speak/spoken-piece.js';
import type { TurnCommand, TurnEventBody } from '../../src/conversation/turn/events.js';
import type { TurnSettings } from '../../src/conversation/turn/settings.js';
import { initialTurnState, type TurnState } from '../../src/conversation/turn/state.js';
import { TurnLoop } from '../../src/conversation/turn-loop.js';
import { type VoiceActivityStream, vadWindowMs, vadWindowSamples } from '../../src/ports/voice-activity.js';
import { createEchoPath, type EchoPathOptions } from '../../src/testing/callers/acoustics/echo-path.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { FarEnd } from './far-end.js';
import { rateHz } from './sounds.js';
import type { Transcriber } from './transcriber.js';

const preRollMs = 800;
const lastWordsMs = 4_000;

export type Rehearsal = {
  /** Replies of the agent, one after another with a pause between. 16 kHz. */
  readonly replies: readonly (readonly SpokenPiece[])[];
  /** What the caller's side sounds like, without echo; time 0 is the call's. 16 kHz. */
  readonly caller: Float32Array;
  readonly echo: EchoPathOptions | undefined;
  readonly untilMs: number;
  /** When the first reply begins: what the caller's side holds before is the caller speaking. */
  readonly startMs: number;
};

export type Ears = {
  readonly vad: VoiceActivityStream;
} & Pick<Transcriber, 'transcribe' | 'look'>;

/** How long the words of an overlap take from being asked for to being there, audio time. */
export type Latencies = { readonly partialMs: number; readonly finalMs: number };

export type Happening = {
  readonly what: 'lower' | 'restore' | 'pause' | 'stop';
  readonly atMs: number;
  /** When it can be heard. */
  readonly heardMs: number;
  readonly why: string;
  /** The overlap that it was done for, in ms of audio. */
  readonly speechMs: number;
  readonly voicedMs: number;
};

/** What the recogniser made of an overlap while it went on, or (`final`) when it had ended. */
export type Heard = {
  readonly atMs: number;
  readonly speechMs: number;
  readonly final: boolean;
  readonly text: string;
};

export type Rehearsed = {
  readonly happened: readonly Happening[];
  readonly heard: readonly Heard[];
  /** Decodings that were asked for while sounds went on. */
  readonly looks: number;
};

/** Pause between two replies of the agent. */
const betweenMs = 900;

/**
 * Plays replies against a caller's sound through the voice detector, the overlap's evidence, the turn machine and the
 * pacer, in audio time: what the machine's load does is left out. The agent's lowered voice comes back as its echo.
 */
export async function rehearse(
  { replies, caller, echo, untilMs, startMs }: Rehearsal,
  { vad, transcribe, look: glimpse }: Ears,
  settings: TurnSettings,
  latencies: Latencies,
): Promise<Rehearsed> {
  const clock = new VirtualClock();
  const farEnd = new FarEnd(clock, samplesOf(untilMs + 5_000, rateHz));
  const echoPath = echo && createEchoPath(echo);
  const listener = new OverlapListener(rateHz);
  const ledger = new PlayoutLedger();
  const happened: Happening[] = [];
  const understood: Heard[] = [];
  const heard = new Float32Array(samplesOf(untilMs + 100, rateHz));
  let restUntilMs = 0;
  let looks = 0;
  let atMs = 0;
  let current: number | undefined;
  let next = 0;
  let openTurn = 0;
  let openedMs = 0;
  let partialUntilMs = 0;
  let lookAgain = false;
  let words = '';
  /** The overlap that is being decided, also when the decision has ended it. */
  let why: TurnState['overlap'];

  const pacer = new Pacer({
    transport: farEnd.transport,
    clock,
    ledger,
    sourceRateHz: rateHz,
    resampler: undefined,
    events: {
      onSound: (reply) => dispatch({ type: 'reply-audible', reply }),
      onText: () => {},
      onDone: (reply) => {
        current = undefined;
        restUntilMs = clock.nowMs() + betweenMs;
        dispatch({ type: 'reply-done', reply });
      },
      onDry: () => {},
      onFlows: () => {},
      onPassage: () => {},
      onFrame: (samples, positionMs) => listener.play(samples, positionMs),
    },
  });

  const loop = new TurnLoop(initialTurnState(settings), (_, commands) => {
    why = loop.state.overlap ?? why;
    for (const command of commands) carryOut(command);
    // A turn that opens has forgotten it.
    why = loop.state.overlap ?? why;
  });
  const dispatch = (event: TurnEventBody): void => loop.dispatch({ atMs, seenMs: clock.nowMs(), ...event });

  const understand = (text: string, final: boolean): void => {
    words = text;
    understood.push({ atMs: clock.nowMs(), speechMs: why?.speechMs ?? 0, final, text });
  };

  const note = (what: Happening['what']): void => {
    happened.push({
      what,
      atMs: clock.nowMs(),
      heardMs: Math.max(farEnd.cursorMs, clock.nowMs()),
      why: `${why?.meaning ?? ''} ${words}`,
      speechMs: why?.speechMs ?? 0,
      voicedMs: why?.voicedMs ?? 0,
    });
  };

  const look = (turn: number): void => {
    if (clock.nowMs() < partialUntilMs) {
      lookAgain = true;
      return;
    }
    looks += 1;
    const readyMs = clock.nowMs() + latencies.partialMs;
    partialUntilMs = readyMs;
    const audio = heard.slice(samplesOf(Math.max(0, openedMs - preRollMs), rateHz), samplesOf(atMs, rateHz));
    pending.push(
      glimpse(audio).then(({ text, beginnings }) => {
        clock.at(readyMs, () => {
          if (turn !== openTurn) return;
          understand(text, false);
          const said = current === undefined ? [] : ledger.wordsUntil(current, pacer.playedMs, lastWordsMs);
          const ours = shareOfOurs(text, said);
          dispatch({
            type: 'partial',
            turn,
            text,
            ...(ours === undefined ? {} : { ours }),
            beginnings: beginningsOfOthers(beginnings, said),
          });
          if (!lookAgain) return;
          lookAgain = false;
          look(turn);
        });
      }),
    );
  };

  const pending: Promise<void>[] = [];
  const carryOut = (command: TurnCommand): void => {
    switch (command.type) {
      case 'say': {
        const pieces = replies[next++];
        if (!pieces) return;
        current = command.reply;
        pacer.play(command.reply, ReplySource.of(...pieces));
        return;
      }
      case 'open-turn':
        openTurn = command.turn;
        openedMs = command.startMs;
        partialUntilMs = 0;
        words = '';
        why = undefined;
        lookAgain = false;
        return;
      case 'look':
        look(command.turn);
        return;
      case 'suspect-end': {
        const { turn, revision } = command;
        const finalMs = clock.nowMs() + latencies.finalMs;
        const audio = heard.slice(samplesOf(Math.max(0, openedMs - preRollMs), rateHz), samplesOf(atMs, rateHz));
        pending.push(
          transcribe(audio).then((text) => {
            clock.at(finalMs, () => {
              understand(text, true);
              dispatch({ type: 'final', turn, revision, text });
            });
          }),
        );
        clock.at(finalMs, () => dispatch({ type: 'end-of-turn', turn, revision, probability: 0.9 }));
        return;
      }
      case 'lower':
        pacer.lower(command.reply);
        note('lower');
        return;
      case 'restore':
        note('restore');
        pacer.restore(command.reply, command.again);
        return;
      case 'pause':
        pacer.pause(command.reply, command.withinMs);
        note('pause');
        return;
      case 'stop':
        pacer.stop(command.reply, command.withinMs);
        current = undefined;
        note('stop');
        return;
      case 'arm':
        if (command.timer === 'overlap') {
          timer?.();
          timer = clock.at(command.atSeenMs, () => dispatch({ type: 'timer', timer: 'overlap' }));
        }
        return;
      case 'disarm':
        if (command.timer === 'overlap') timer?.();
        return;
    }
  };
  let timer: (() => void) | undefined;
  let begun = false;

  for (let window = 0; (window + 1) * vadWindowMs <= untilMs; window++) {
    const from = window * vadWindowSamples;
    // What comes in the middle of a window sees the audio before it.
    await clock.advance((window + 1) * vadWindowMs - clock.nowMs());
    atMs = (window + 1) * vadWindowMs;
    if (!begun && atMs >= startMs) {
      begun = true;
      dispatch({ type: 'begin', greeting: true });
    } else if (
      begun &&
      loop.state.agent.phase === 'silent' &&
      loop.state.listening.phase === 'quiet' &&
      next < replies.length &&
      atMs >= restUntilMs
    )
      dispatch({ type: 'begin', greeting: true });
    const back = echoPath?.process(farEnd.playedAt(from, vadWindowSamples));
    const samples = Float32Array.from(
      { length: vadWindowSamples },
      (_, i) => (caller[from + i] ?? 0) + (back?.[i] ?? 0),
    );
    heard.set(samples, from);
    const probability = await vad.push(samples.slice());
    const overlap = listener.judge(samples, probability);
    if (begun) dispatch({ type: 'window', probability, windowMs: vadWindowMs, ...(overlap ? { overlap } : {}) });
    await Promise.all(pending.splice(0));
  }
  pacer.close();
  timer?.();
  return { happened, heard: understood, looks };
}
