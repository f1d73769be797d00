import { readFile } from 'node:fs/promises';
import { InvalidArgumentError, Option } from 'commander';
import { percentile } from '../src/analyser/statistics.js';
import { decodeAudioFile } from '../src/audio/decode.js';
import { type CallerClip, callerClip } from '../src/cli/call/clip.js';
import { fixtureRecordingsOf } from '../test/fixtures/recordings.js';
import type { ChaosCounts } from './chaos/plan.js';
import { type ChaosReport, type ChaosTurn, runChaos } from './chaos/run-chaos.js';
import type { BenchOptions, BenchResult, Row } from './support/report.js';

export const defaultChaos = {
  turns: 100,
  kills: 50,
  stalls: 20,
  turnsPerCall: 10,
  seed: 1,
} as const satisfies ChaosCounts;

export type ChaosFlags = BenchOptions & Omit<ChaosCounts, 'turnsPerCall'> & { readonly keep?: string };

export const chaosOptions = [
  countOption('--turns <n>', 'turns in which hosts may be disturbed', defaultChaos.turns),
  countOption('--kills <n>', 'hosts that are killed', defaultChaos.kills),
  countOption('--stalls <n>', 'hosts that are stopped (SIGSTOP)', defaultChaos.stalls),
  countOption('--seed <n>', 'which hosts, at which moments', defaultChaos.seed),
  new Option('--keep <dir>', "keep the server's recordings and event logs here"),
];

/** Dead air: the caller hears nothing for longer than this. */
const deadAirMs = 2_500;

/** Hosts are killed and stopped at random moments of calls: what the caller hears of it. */
export async function benchChaos(flags: ChaosFlags): Promise<BenchResult> {
  const { turns, kills, stalls, seed } = flags;
  const counts: ChaosCounts = { ...defaultChaos, turns, kills, stalls, seed };
  const onProgress = (line: string): void => void process.stderr.write(`${line}\n`);
  const report = await runChaos({
    ...counts,
    clips: await orderClips(),
    onProgress,
    ...(flags.keep ? { keep: flags.keep } : {}),
  });
  return {
    title: `Hosts killed (${counts.kills}) and stopped (${counts.stalls}) at random moments of ${counts.turns} turns, seed ${counts.seed}`,
    rows: [
      row(
        'turns with a disturbance',
        report.turns.filter(({ disturbed }) => disturbed),
      ),
      row(
        'other turns',
        report.turns.filter(({ disturbed }) => !disturbed),
      ),
      row('all', report.turns),
    ],
    notes: notes(report),
    details: report,
  };
}

function row(turns: string, group: readonly ChaosTurn[]): Row {
  const silences = group.map(({ longestSilenceMs }) => longestSilenceMs);
  const count = (answer: ChaosTurn['answer']): number => group.filter((turn) => turn.answer === answer).length;
  const ms = (value: number): number | string => (silences.length === 0 ? '–' : Math.round(value));
  return {
    turns,
    n: group.length,
    'longest silence P50 ms': ms(percentile(silences, 50)),
    'P95 ms': ms(percentile(silences, 95)),
    'max ms': ms(Math.max(...silences)),
    'dead air > 2.5 s': silences.filter((silence) => silence > deadAirMs).length,
    'answered with content': count('content'),
    'with an apology': count('apology'),
    'not at all': count('none'),
  };
}

function notes({ struck, missed, lostCalls, deaths, unhandled, turns, readyAtEnd, exitCode }: ChaosReport): string[] {
  const engines = [...new Set(struck.map(({ engine }) => engine))].toSorted();
  const perEngine = engines.map((engine) => {
    const of = (signal: string): number =>
      struck.filter((each) => each.engine === engine && each.signal === signal).length;
    return `${engine} ${of('SIGKILL')} killed, ${of('SIGSTOP')} stopped`;
  });
  const calls = new Set(turns.map(({ call }) => call)).size;
  const last = turns.filter((turn, index) => turns[index + 1]?.call !== turn.call);
  return [
    `Struck: ${perEngine.join('; ')}${missed > 0 ? `; ${missed} found no host to strike` : ''}.`,
    `Stopped hosts that the server did not end: ${struck.filter(({ gone }) => !gone).length}. Deaths that nobody caused: ${Math.max(0, deaths.length - struck.length)}.`,
    `Calls lost: ${lostCalls.length} of ${calls}${lostCalls.map((each) => ` (${each})`).join('')}. Last turn of the call, left alone, answered with content: ${last.filter(({ answer }) => answer === 'content').length} of ${calls}.`,
    `Errors that nobody handled: ${unhandled.length}. At the end: ${JSON.stringify(readyAtEnd)}, exit code ${exitCode}.`,
  ];
}

/** Spoken orders that come with the repository. */
export async function orderClips(): Promise<CallerClip[]> {
  return Promise.all(
    fixtureRecordingsOf('order').map(async ({ path, file, speechStartMs: startMs, speechEndMs: endMs }) => {
      const recording = await decodeAudioFile(new Uint8Array(await readFile(path)));
      return callerClip(file, recording, { startMs, endMs });
    }),
  );
}

function countOption(flag: string, description: string, value: number): Option {
  return new Option(flag, description).argParser(countOf).default(value);
}

function countOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}
