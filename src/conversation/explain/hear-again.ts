import type { TurnEvent } from '../turn/events.js';
import type { CallerAudio, TurnSoFar } from './caller-audio.js';
import type { RecordedCall, RecordedQuestion, RecordedTurn } from './recorded-turns.js';
import type { Answers, Question } from './simulate-turn.js';
import type { Hearing } from './what-if.js';

/**
 * What a recording may differ by from what was heard. A caller at its 24 kHz is heard again exactly; another rate was
 * resampled twice, and samples beyond 16 bits were rounded.
 */
export const tolerance = { window: 0.1, estimate: 0.05 } as const;

export type HeardAgain = {
  readonly windows: {
    /** Windows of the log, and of those the ones that the recording has too. */
    readonly logged: number;
    readonly compared: number;
    readonly beyondTolerance: number;
    /** Windows that count as speech in one and not in the other. */
    readonly otherSide: number;
    readonly largest: Difference | undefined;
  };
  readonly estimates: {
    readonly compared: number;
    readonly beyondTolerance: number;
    readonly largest: Difference | undefined;
  };
  readonly transcripts: {
    readonly compared: number;
    /** Equal but for capitals and punctuation. */
    readonly sameWords: number;
    readonly equal: number;
    readonly different: readonly TranscriptDifference[];
  };
};

export type Difference = { readonly atMs: number; readonly logged: number; readonly again: number };
export type TranscriptDifference = {
  readonly turn: number;
  readonly revision: number;
  readonly logged: string;
  readonly again: string | undefined;
};

/** Runs the ears over the recorded caller again and compares what they say with what is logged. */
export async function hearAgain(
  call: RecordedCall,
  audio: CallerAudio,
  onProgress?: (done: number, all: number) => void,
): Promise<HeardAgain> {
  const windows = compareWindows(call, await audio.windows(onProgress));
  const estimates: Difference[] = [];
  const different: TranscriptDifference[] = [];
  let compared = 0;
  let equal = 0;
  let sameWords = 0;
  for (const turn of call.turns)
    for (const question of turn.questions) {
      const soFar = turnSoFar(call, turn, question);
      if (question.estimate)
        estimates.push({
          atMs: question.atMs,
          logged: question.estimate.probability,
          again: await audio.estimate(soFar),
        });
      if (question.transcript?.type !== 'final') continue;
      const logged = question.transcript.text;
      const again = await audio.transcribe(soFar);
      compared += 1;
      if (again === logged) equal += 1;
      if (again !== undefined && plainWords(again) === plainWords(logged)) sameWords += 1;
      else different.push({ turn: turn.turn, revision: question.revision, logged, again });
    }
  return {
    windows,
    estimates: {
      compared: estimates.length,
      beyondTolerance: estimates.filter((each) => size(each) > tolerance.estimate).length,
      largest: largest(estimates),
    },
    transcripts: { compared, sameWords, equal, different },
  };
}

function compareWindows(call: RecordedCall, again: readonly number[]): HeardAgain['windows'] {
  const logged = call.events.filter(
    (event): event is Extract<TurnEvent, { type: 'window' }> => event.type === 'window',
  );
  const pairs: Difference[] = [];
  for (const { atMs, probability, windowMs } of logged) {
    const heard = again[Math.round(atMs / windowMs) - 1];
    if (heard !== undefined) pairs.push({ atMs, logged: probability, again: heard });
  }
  const threshold = call.turns[0]?.state.settings.endpointing.startThreshold ?? 0.5;
  return {
    logged: logged.length,
    compared: pairs.length,
    beyondTolerance: pairs.filter((pair) => size(pair) > tolerance.window).length,
    otherSide: pairs.filter((pair) => pair.logged >= threshold !== pair.again >= threshold).length,
    largest: largest(pairs),
  };
}

function size({ logged, again }: Difference): number {
  return Math.abs(logged - again);
}

function largest(differences: readonly Difference[]): Difference | undefined {
  return differences.reduce<Difference | undefined>(
    (most, each) => (most === undefined || size(each) > size(most) ? each : most),
    undefined,
  );
}

function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s']/gu, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ');
}

function turnSoFar(call: RecordedCall, turn: RecordedTurn, { atMs }: RecordedQuestion): TurnSoFar {
  return { startMs: startOf(call, turn), atMs, forgottenMs: forgottenBefore(call, turn.turn) };
}

function startOf({ commands }: RecordedCall, turn: RecordedTurn): number {
  return commands[turn.opened]?.find((command) => command.type === 'open-turn')?.startMs ?? 0;
}

/** Where the last turn ended that was answered before this one. */
function forgottenBefore(call: RecordedCall, turn: number): number {
  const answered = call.turns.filter((each) => each.turn < turn && each.end?.kind === 'committed').at(-1);
  return answered?.end?.kind === 'committed' ? answered.end.speechEndMs : 0;
}

/** Answers that take as long as they did in the call when nothing is known: what is usual for two cores. */
const usualMs = { estimate: 64, transcript: 128 } as const;

/** Answers questions from the recording. Each answer takes as long as is usual in this call. */
export function hearingFrom(call: RecordedCall, audio: CallerAudio): Hearing {
  const questions = call.turns.flatMap((turn) => turn.questions);
  const estimateMs =
    median(questions.map(({ estimate, atMs }) => estimate && estimate.atMs - atMs)) ?? usualMs.estimate;
  const transcriptMs =
    median(questions.map(({ transcript, atMs }) => transcript && transcript.atMs - atMs)) ?? usualMs.transcript;
  return async (question: Question) => {
    const { kind, turn, revision, atMs, startMs, speechEndMs } = question;
    const soFar = { startMs, atMs, forgottenMs: forgottenBefore(call, turn) };
    const stamp = { turn, revision, atMs, seenMs: 0 };
    const transcript = async (): Promise<Answers[number]> => {
      const text = await audio.transcribe(soFar);
      const event: TurnEvent =
        text === undefined ? { ...stamp, type: 'final-failed' } : { ...stamp, type: 'final', text };
      return { afterMs: transcriptMs, event };
    };
    const estimate = async (): Promise<Answers[number]> => {
      const probability = await audio.estimate(soFar);
      const silenceMs = atMs - speechEndMs;
      return { afterMs: estimateMs, event: { ...stamp, type: 'end-of-turn', probability, silenceMs } };
    };
    if (kind === 'again') return [await transcript()];
    return kind === 'look' ? [await estimate()] : [await estimate(), await transcript()];
  };
}

function median(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return known[Math.floor(known.length / 2)];
}
