import type { OverlapEvidence, TurnCommand, TurnEvent, TurnEventBody } from './events.js';
import { reduceTurn } from './machine.js';
import type { TurnSettings } from './settings.js';
import { initialTurnState, type TurnState } from './state.js';
import { defaultTalkSettings, type TalkSettings } from './talk-settings.js';

export const windowMs = 32;

export type TurnSettingsChange = {
  readonly detection?: TurnSettings['detection'];
  readonly respond?: boolean;
  readonly endpointing?: Partial<TurnSettings['endpointing']>;
  readonly interruption?: Partial<TurnSettings['interruption']>;
  readonly silence?: Partial<TurnSettings['silence']>;
  readonly drafting?: TurnSettings['drafting'];
  readonly treatment?: NonNullable<TurnSettings['treatment']>;
  readonly talk?: { readonly [concept in keyof TalkSettings]?: Partial<TalkSettings[concept]> };
};

/** Values of its own: the defaults are tuned, and a test of the rules should not notice. */
const base: TurnSettings = {
  detection: 'auto',
  respond: true,
  endpointing: {
    startThreshold: 0.5,
    stopThreshold: 0.35,
    startMs: 64,
    suspectMs: 96,
    minWaitMs: 420,
    maxWaitMs: 2_000,
    midpoint: 0.2,
    steepness: 20,
    answerWaitMs: 200,
    patientWaitMs: 2_500,
    lookAgainMs: [],
    blindWaitMs: 1_000,
    retryMs: 320,
  },
  interruption: {
    enabled: true,
    language: 'en',
    foreignShare: 0.25,
    lookMs: 160,
    wordsAfterMs: 224,
    afterMs: 320,
    beforeReplyMs: 320,
    backchannelMs: 960,
    voicedShare: 0.4,
    backgroundDb: -8,
    maxLoweredMs: 600,
    maxPausedMs: 2_000,
    wordEndMs: 120,
  },
  silence: { maxSilenceMs: 2_500, idleHangUpMs: 60_000, manualIdleHangUpMs: 600_000, maxCallMs: 1_800_000 },
};

/** Silent callers are not prompted unless a test says so. */
const talk: TalkSettings = { ...defaultTalkSettings, prompts: { afterMs: 10_000, most: 0 } };

export function turnSettings(change: TurnSettingsChange = {}): TurnSettings {
  return {
    detection: change.detection ?? base.detection,
    respond: change.respond ?? base.respond,
    endpointing: { ...base.endpointing, ...change.endpointing },
    interruption: { ...base.interruption, ...change.interruption },
    silence: { ...base.silence, ...change.silence },
    ...(change.drafting ? { drafting: change.drafting } : {}),
    ...(change.treatment ? { treatment: change.treatment } : {}),
    talk: {
      reopening: { ...talk.reopening, ...change.talk?.reopening },
      collision: { ...talk.collision, ...change.talk?.collision },
      prompts: { ...talk.prompts, ...change.talk?.prompts },
      keys: { ...talk.keys, ...change.talk?.keys },
      working: { ...talk.working, ...change.talk?.working },
      backchannels: { ...talk.backchannels, ...change.talk?.backchannels },
    },
  };
}

/** A value that throws when it is written to. */
export function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFrozen(part);
  }
  return value;
}

/** The turn machine with a pen: tells it what happens, at what time, and keeps what it commands. */
export class TurnScript {
  state: TurnState;
  atMs = 0;
  /** How far the clock is ahead of the caller's audio; below 0 for audio that came faster than real time. */
  lagMs = 0;
  readonly all: TurnCommand[] = [];

  constructor(change: TurnSettingsChange = {}) {
    this.state = deepFrozen(initialTurnState(turnSettings(change)));
  }

  /** @returns the commands that this event caused */
  tell(body: TurnEventBody): readonly TurnCommand[] {
    const event: TurnEvent = { atMs: this.atMs, seenMs: this.atMs + this.lagMs, ...body };
    const { state, commands } = reduceTurn(this.state, deepFrozen(event));
    this.state = deepFrozen(state);
    this.all.push(...commands);
    return commands;
  }

  /** Windows of audio, at least one. */
  audio(ms: number, probability: number, overlap?: OverlapEvidence): readonly TurnCommand[] {
    const commands: TurnCommand[] = [];
    for (let passed = 0; passed < ms; passed += windowMs) {
      this.atMs += windowMs;
      commands.push(...this.tell({ type: 'window', probability, windowMs, ...(overlap ? { overlap } : {}) }));
    }
    return commands;
  }

  speech(ms: number): readonly TurnCommand[] {
    return this.audio(ms, 0.95);
  }

  /** Sound that the detector takes for speech, with what else is known of it. */
  sound(ms: number, evidence: Partial<OverlapEvidence> = {}): readonly TurnCommand[] {
    return this.audio(ms, 0.95, { foreign: 1, voicing: 0.9, levelDb: 0, ...evidence });
  }

  partial(text: string, ours?: number): readonly TurnCommand[] {
    const { listening } = this.state;
    if (listening.phase === 'quiet') throw new Error('an open turn was expected');
    return this.tell({ type: 'partial', turn: listening.turn, text, ...(ours === undefined ? {} : { ours }) });
  }

  /** A partial of words that cannot be believed, and how the utterance may begin. */
  beginning(chances: Readonly<Record<string, number>>, text = ''): readonly TurnCommand[] {
    const { listening } = this.state;
    if (listening.phase === 'quiet') throw new Error('an open turn was expected');
    const beginnings = Object.entries(chances).map(([piece, probability]) => ({ text: piece, probability }));
    return this.tell({ type: 'partial', turn: listening.turn, text, beginnings });
  }

  silence(ms: number): readonly TurnCommand[] {
    return this.audio(ms, 0.02);
  }

  /** The open pause, which must be there. */
  get pause(): { readonly turn: number; readonly revision: number } {
    const { listening } = this.state;
    if (listening.phase !== 'pause') throw new Error(`a pause was expected; the caller's side is ${listening.phase}`);
    return { turn: listening.turn, revision: listening.revision };
  }

  final(text: string): readonly TurnCommand[] {
    return this.tell({ type: 'final', ...this.pause, text });
  }

  endOfTurn(probability: number): readonly TurnCommand[] {
    return this.tell({ type: 'end-of-turn', ...this.pause, probability });
  }

  /** A caller turn, up to its commit. */
  turn(text = 'a coffee please', speechMs = 640): readonly TurnCommand[] {
    const commands = [...this.speech(speechMs), ...this.silence(96)];
    commands.push(...this.final(text), ...this.endOfTurn(1), ...this.silence(352));
    return commands;
  }

  get reply(): number {
    const { agent } = this.state;
    if (agent.phase === 'silent') throw new Error('a reply was expected; the agent is silent');
    return agent.reply;
  }

  audible(): readonly TurnCommand[] {
    return this.tell({ type: 'reply-audible', reply: this.reply });
  }

  done(endCall?: string): readonly TurnCommand[] {
    return this.tell({ type: 'reply-done', reply: this.reply, ...(endCall === undefined ? {} : { endCall }) });
  }

  /** The agent is in the middle of answering a turn. */
  static speaking(change: TurnSettingsChange = {}): TurnScript {
    const script = new TurnScript(change);
    script.tell({ type: 'begin', greeting: false });
    script.turn();
    script.audible();
    // Too far into it to be taken back.
    script.silence(480);
    return script;
  }
}

/** Names of commands, in order, for tables. */
export function types(commands: readonly TurnCommand[]): string[] {
  return commands.map((command) => command.type);
}

/** The only command of that type. */
export function only<T extends TurnCommand['type']>(
  commands: readonly TurnCommand[],
  type: T,
): Extract<TurnCommand, { type: T }> {
  const found = commands.filter((command): command is Extract<TurnCommand, { type: T }> => command.type === type);
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`one ${type} was expected in: ${types(commands).join(', ')}`);
  return first;
}
