import type { TurnMarks } from './session-events.js';
import type { SoundRole } from './speak/pacer.js';
import type { ReplyMarks } from './speak/prepared-reply.js';
import type { TurnCommand, TurnEventBody } from './turn/events.js';

/** When the first sound of each kind in a reply could be heard, on the clock. */
export type HeardAt = { [role in SoundRole]?: number };

/** Marks of one turn as they are set, on the clock unless they say otherwise. */
export type TurnTiming = {
  readonly turn: number;
  speechEndAudioMs: number;
  suspectedMs: number | undefined;
  endOfTurnMs: number | undefined;
  endOfTurnProbability: number | undefined;
  finalMs: number | undefined;
  committedMs: number | undefined;
  because: string;
  transcript: string;
  drafts: number;
};

/** Only turns that are still being answered matter. */
const keptTurns = 8;

/** The timings of recent turns, from the events and commands of the turn machine. */
export class TurnTimings {
  readonly #timings = new Map<number, TurnTiming>();

  noteEvent(event: TurnEventBody, nowMs: number): void {
    if (event.type === 'end-of-turn') {
      const timing = this.of(event.turn);
      timing.endOfTurnMs ??= nowMs;
      timing.endOfTurnProbability = event.probability;
    } else if (event.type === 'final') this.of(event.turn).finalMs = nowMs;
  }

  noteCommand(command: TurnCommand, nowMs: number): void {
    if (command.type === 'suspect-end') {
      const timing = this.of(command.turn);
      timing.suspectedMs = nowMs;
      timing.endOfTurnMs = undefined;
      timing.speechEndAudioMs = command.speechEndMs;
    } else if (command.type === 'draft') this.of(command.turn).drafts += 1;
    else if (command.type === 'commit') {
      const timing = this.of(command.turn);
      timing.committedMs = nowMs;
      timing.because = command.because;
      timing.transcript = command.text;
      timing.speechEndAudioMs = command.speechEndMs;
    }
  }

  of(turn: number): TurnTiming {
    const known = this.#timings.get(turn);
    if (known) return known;
    const timing = newTurnTiming(turn);
    this.#timings.set(turn, timing);
    for (const oldest of this.#timings.keys()) {
      if (this.#timings.size <= keptTurns) break;
      this.#timings.delete(oldest);
    }
    return timing;
  }
}

function newTurnTiming(turn: number): TurnTiming {
  return {
    turn,
    speechEndAudioMs: 0,
    suspectedMs: undefined,
    endOfTurnMs: undefined,
    endOfTurnProbability: undefined,
    finalMs: undefined,
    committedMs: undefined,
    because: '',
    transcript: '',
    drafts: 0,
  };
}

/** How a reply was heard. */
export type Hearing = {
  readonly speechEndMs: number;
  readonly onsetAudioMs: number;
  readonly heardAt: HeardAt;
  /** When a filler was put in front of the reply. */
  readonly bridgedMs: number | undefined;
  readonly gapMs: number;
};

/** The waterfall of a turn, from marks on the clock. */
export function turnMarks(
  timing: TurnTiming,
  reply: number,
  { marks, opener }: { readonly marks: ReplyMarks; readonly opener: string | undefined },
  at: Hearing,
): TurnMarks {
  const since = (ms: number | undefined): number | undefined =>
    ms === undefined ? undefined : round(ms - at.speechEndMs);
  const { filler, opener: opened, content } = at.heardAt;
  const audibleMs = Math.min(...Object.values(at.heardAt));
  const responseLatencyMs = round(audibleMs - at.speechEndMs);
  const eouDelayMs = since(timing.committedMs) ?? 0;
  // What was heard first decides which sound the caller waited for.
  const bridged = filler === audibleMs;
  const first = bridged ? at.bridgedMs : opened === audibleMs ? marks.openerMs : marks.firstAudioMs;
  const readyMs = since(first) ?? responseLatencyMs;
  return {
    turn: timing.turn,
    reply,
    transcript: timing.transcript,
    speechEndAudioMs: round(timing.speechEndAudioMs),
    agentOnsetAudioMs: round(at.onsetAudioMs),
    responseLatencyMs,
    eouDelayMs,
    readyMs,
    transportOutMs: round(responseLatencyMs - Math.max(eouDelayMs, readyMs)),
    vadSilenceMs: since(timing.suspectedMs),
    endOfTurnMs: since(timing.endOfTurnMs),
    sttFinalMs: since(timing.finalMs),
    llmFirstTokenMs: since(marks.firstTokenMs),
    firstClauseMs: since(marks.firstClauseMs),
    ttsFirstAudioMs: since(marks.firstAudioMs),
    endOfTurnProbability: timing.endOfTurnProbability,
    because: timing.because,
    opener: opened === undefined ? undefined : opener,
    bridged,
    contentLatencyMs: since(content),
    gapWithinReplyMs: round(at.gapMs),
    phrases: marks.phrases,
    drafts: timing.drafts,
    tokens: marks.tokens,
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
