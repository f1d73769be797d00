import { Command } from 'commander';
import { fail } from '../src/cli/fail.js';
import { benchCall, type CallFlags, kindOf } from './call.js';
import { benchEndpointing } from './endpointing.js';
import { benchStt } from './stt.js';
import { runBench } from './support/report.js';
import { benchTts } from './tts.js';

type Flags = CallFlags & { readonly json?: string; readonly busyOk?: true };

/** `npm run bench -- stt | tts | endpointing | call`: each prints one table, and writes one JSON with `--json FILE`. */
const program = new Command('bench').description('measure Parley; each benchmark prints one table');
const benches = { stt: benchStt, tts: benchTts, endpointing: benchEndpointing, call: benchCall };
const what = {
  stt: 'the streaming recogniser: errors, stable words, word times, long utterances, sounds that are no speech',
  tts: 'time to first sound, and what the recogniser makes of synthesised sentences',
  endpointing: 'waiting times and cut-off turns over recorded utterances',
  call: 'whole calls over the socket: response latency, cut-offs, missed turns, replies scored against labels',
} as const satisfies Record<keyof typeof benches, string>;

for (const [name, bench] of Object.entries(benches) as [
  keyof typeof benches,
  (flags: Flags) => ReturnType<typeof benchStt>,
][])
  program
    .command(name)
    .description(what[name])
    .option('--json <file>', 'write everything that was measured')
    .option('--audio <dir>', 'folder of recordings')
    .option('--limit <n>', 'use only the first n recordings of each kind', Number)
    .option('--keep <dir>', 'call: keep recordings of the calls here')
    .option('--only <kind>', 'call: order, sentence or interruption only', kindOf)
    .option('--busy-ok', 'measure on a busy machine, and say so')
    .action((flags: Flags) => runBench(flags, () => bench(flags)));

program.parseAsync().then(() => process.exit(), fail);
