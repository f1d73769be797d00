import { percentile } from '../../src/analyser/statistics.js';
import { addPause, learnPause, noPauses, unknownPace } from '../../src/conversation/turn/pace.js';
import type { WaitingCues } from '../../src/conversation/turn/waiting-time.js';
import type { HeardPause, HeardTurn } from './heard-turns.js';
import type { PlannedTurn, TurnKind } from './spoken-turns.js';

export type JudgedTurn = { readonly planned: PlannedTurn; readonly heard: HeardTurn };

/** How long a policy waits, by what is known at a moment of a silence. */
export type Policy = (cues: WaitingCues) => number;

export type Judgement = {
  readonly turns: number;
  readonly cut: number;
  /** Turns with a pause inside of them that is long enough to be taken for the end. */
  readonly pausing: number;
  readonly pausingCut: number;
  readonly delaysMs: readonly number[];
};

/** A pause that ends so close to the labelled end, or after it, has no words behind it. */
const endsMs = -150;
const pausingMs = 250;
const windowMs = 32;
/** What engines take, of the caller's time: the transcript by the length of the speech, and the end-of-turn model. */
const transcriptMs = (voicedMs: number): number => 30 + 0.027 * voicedMs;
const lookMs = 70;
/** From the transcript to the first word of a draft, which tells what the words are to the language model. */
const readingMs = 180;
const suspectMs = 96;
const longestMs = 10_000;

/** What a policy makes of turns: the windows of each silence are gone through as the turn machine does. */
export function judge(turns: readonly JudgedTurn[], policy: Policy, lookAgain = false): Judgement {
  let cut = 0;
  let pausing = 0;
  let pausingCut = 0;
  const delaysMs: number[] = [];
  for (const { planned, heard } of turns) {
    const delayMs = delayOf(planned, heard, policy, lookAgain);
    const pauses = heard.pauses.some((pause) => pause.offsetMs < endsMs && pause.durationMs >= pausingMs);
    if (delayMs === undefined) cut += 1;
    else delaysMs.push(delayMs);
    if (!pauses) continue;
    pausing += 1;
    if (delayMs === undefined) pausingCut += 1;
  }
  return { turns: turns.length, cut, pausing, pausingCut, delaysMs };
}

/** From the end of speech to the decision, or undefined when the caller was cut off. */
function delayOf(planned: PlannedTurn, heard: HeardTurn, policy: Policy, lookAgain: boolean): number | undefined {
  let pace = unknownPace;
  let pauses = noPauses;
  for (const pause of heard.pauses) {
    const { text, voicedMs } = pause;
    const told = { text, expected: planned.expected, pace, sound: { voicedMs, pauses } };
    const decidedMs = decidedAfter(pause, (known) => policy({ ...known, ...told }), lookAgain);
    if (decidedMs !== undefined) return pause.offsetMs < endsMs ? undefined : pause.offsetMs + decidedMs;
    pace = learnPause(pace, pause.durationMs);
    pauses = addPause(pauses, pause.durationMs);
  }
  return longestMs;
}

type Known = Pick<WaitingCues, 'looks' | 'wordsOver'>;

function decidedAfter(pause: HeardPause, waitMs: (known: Known) => number, lookAgain: boolean): number | undefined {
  const used = lookAgain ? pause.looks : pause.looks.slice(0, 1);
  const looks = used.map((look) => ({ ...look, decayDb: pause.prosody.decayDb }));
  const knownMs = suspectMs + transcriptMs(pause.voicedMs);
  const readMs = knownMs + readingMs;
  const waits = new Map<number, number>();
  const lastMs = pause.final ? longestMs : pause.durationMs;
  for (let silenceMs = suspectMs; silenceMs <= lastMs; silenceMs += windowMs) {
    if (silenceMs < knownMs) continue;
    const known = looks.filter((look) => look.silenceMs + lookMs <= silenceMs);
    const wordsOver = silenceMs >= readMs ? pause.wordsOver : undefined;
    const key = known.length + (wordsOver === undefined ? 0 : 10);
    const wait = waits.get(key) ?? waitMs({ looks: known, wordsOver });
    waits.set(key, wait);
    if (silenceMs >= wait) return silenceMs;
  }
  return undefined;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

export function describe({ turns, cut, pausing, pausingCut, delaysMs }: Judgement) {
  return {
    n: turns,
    'cut off %': share(cut, turns),
    'with pauses': pausing,
    'of these cut off %': share(pausingCut, pausing),
    'delay mean ms': mean(delaysMs).toFixed(0),
    'P50 ms': percentile(delaysMs, 50).toFixed(0),
    'P95 ms': percentile(delaysMs, 95).toFixed(0),
  };
}

function share(part: number, whole: number): string {
  return whole === 0 ? '–' : ((100 * part) / whole).toFixed(1);
}

export function ofKind(turns: readonly JudgedTurn[], ...kinds: readonly TurnKind[]): JudgedTurn[] {
  return turns.filter(({ planned }) => kinds.includes(planned.kind));
}
