import { Option } from 'commander';
import type { ClientEvent, ExpectedAnswer } from '../src/client/client-events.js';
import { type CallSetting, makeCalls, talkative } from './call/make-calls.js';
import type { PlannedCall, TurnKind } from './call/plan.js';
import { type BenchFlags, wholeNumber } from './support/bench.js';
import { startEars } from './support/engines.js';
import { cpuSecondsOfChildren } from './support/process-cpu.js';
import { audioDir } from './support/recordings.js';
import type { BenchResult } from './support/report.js';
import { type BreakIn, breakInsOf } from './turns/break-ins.js';
import { draftUse, noDrafts, sumOfDrafts } from './turns/drafts.js';
import { echoingCall, judgeEcho, noEcho, sumOfEcho } from './turns/judge-echo.js';
import { judgeOverlaps, type OverlapVerdict } from './turns/judge-overlaps.js';
import { gatherMaterial } from './turns/material.js';
import { playOverAnswers, soundsOverAgent } from './turns/over-agent.js';
import { defaultMix, type MixOptions, planMix } from './turns/plan.js';
import { mixReport } from './turns/report.js';

export type TurnsFlags = BenchFlags & {
  readonly seed: number;
  readonly only?: PlannedCall['kind'];
  readonly keep?: string;
};

const kinds = ['conversation', 'interruption', 'overlap', 'echo'] as const;

export const turnsOptions = [
  new Option('--seed <n>', 'what is said, and in which order').argParser(wholeNumber).default(defaultMix.seed),
  new Option('--only <kind>', 'calls of one kind only').choices(kinds),
  new Option('--keep <dir>', 'keep recordings of the calls here'),
];

/** Everything that turn-taking is judged by, in one shuffled run of whole calls to a server process of their own. */
export async function benchTurns(flags: TurnsFlags): Promise<BenchResult> {
  const dir = audioDir(flags.audio);
  const mix = mixOf(flags);
  const { signal } = new AbortController();
  const ears = await startEars();
  const prepared = await prepare().finally(() => ears.close());
  const plan = planMix(prepared.material.names, mix).filter(
    ({ kind }) => flags.only === undefined || kind === flags.only,
  );

  const over = new Map<number, ReturnType<typeof playOverAnswers>>();
  const breakIns: BreakIn[] = [];
  const overlaps: OverlapVerdict[] = [];
  let echo = noEcho;
  let drafts = noDrafts;
  let cpu: { readonly fromSeconds: number; seconds: number; callMinutes: number } | undefined;
  let heardOver = 0;
  let echoes = 0;
  const made = await makeCalls({
    plan,
    clipOf: prepared.material.clipOf,
    settingOf: (call, index): CallSetting => {
      cpu ??= { fromSeconds: cpuSecondsOfChildren(process.pid), seconds: 0, callMinutes: 0 };
      if (call.kind === 'conversation') return { beforeTurn: (turn) => askFor(call, turn) };
      if (call.kind === 'echo') return { ...talkative, ...echoingCall(echoes++, mix.seed + index) };
      if (call.kind !== 'overlap') return talkative;
      const player = playOverAnswers(prepared.sounds.slice(heardOver));
      heardOver += 2 * call.turns.length;
      over.set(index, player);
      return { ...talkative, beforeTurn: player.beforeTurn, microphone: player.microphone };
    },
    onCall: (call) => {
      breakIns.push(...breakInsOf(call));
      overlaps.push(...judgeOverlaps(over.get(call.index)?.played ?? [], call));
      if (call.planned.kind === 'echo') echo = sumOfEcho(echo, judgeEcho(call));
      if (call.planned.kind === 'conversation') drafts = sumOfDrafts(drafts, draftUse(call.log));
      if (!cpu) return;
      cpu.seconds = cpuSecondsOfChildren(process.pid) - cpu.fromSeconds;
      cpu.callMinutes += call.result.caller.length / call.result.rateHz / 60;
    },
    ...(flags.keep === undefined ? {} : { keep: flags.keep }),
  });
  return mixReport({
    mix,
    ...made,
    breakIns,
    overlaps,
    echo,
    drafts,
    cpuSecondsPerMinute: cpu && cpu.callMinutes > 0 ? cpu.seconds / cpu.callMinutes : undefined,
  });

  async function prepare() {
    const material = await gatherMaterial(dir, ears, { mix, signal });
    // Two for each answer.
    const sounds = await soundsOverAgent(dir, ears, { count: 2 * mix.overlaps, seed: mix.seed, signal });
    return { material, sounds };
  }
}

function mixOf({ seed, limit }: TurnsFlags): MixOptions {
  const most = (count: number): number => Math.min(count, limit ?? count);
  return {
    orders: most(defaultMix.orders),
    pausedOrders: most(defaultMix.pausedOrders),
    numbers: most(defaultMix.numbers),
    yesNo: most(defaultMix.yesNo),
    turnsPerCall: defaultMix.turnsPerCall,
    interruptions: most(defaultMix.interruptions),
    stopWords: most(defaultMix.stopWords),
    overlaps: most(defaultMix.overlaps),
    echoes: most(defaultMix.echoes),
    seed,
  };
}

/** What the agent's flow says that it waits for, as it would behind its question. */
const asked: Partial<Record<TurnKind, ExpectedAnswer>> = {
  number: { kind: 'number', of: 'phone', min_digits: 10, max_digits: 10 },
  'yes-no': { kind: 'yes-no' },
};

function askFor({ turns }: PlannedCall, turn: number): readonly ClientEvent[] {
  const kind = turns[turn]?.kind;
  const answer = kind && asked[kind];
  return answer ? [{ type: 'parley.expect', answer }] : [];
}
