import { Command, InvalidArgumentError, type Option } from 'commander';
import { type BenchOptions, type BenchResult, runBench } from './report.js';

/** The options that every benchmark has. */
export type BenchFlags = BenchOptions & {
  /** Folder of recordings. */
  readonly audio?: string;
  /** Use only the first n of each kind of input. */
  readonly limit?: number;
};

/** One benchmark: `run` measures and returns; printing, the machine's load and the JSON are the same for all. */
export type Bench<Flags extends BenchFlags> = {
  readonly name: string;
  readonly description: string;
  /** Options beside {@link BenchFlags}. */
  readonly options?: readonly Option[];
  readonly run: (flags: Flags) => Promise<BenchResult>;
};

/** A benchmark as a subcommand of `npm run bench --`. */
export function benchCommand<Flags extends BenchFlags>(bench: Bench<Flags>): Command {
  const command = new Command(bench.name)
    .description(bench.description)
    .option('--json <file>', 'write everything that was measured')
    .option('--audio <dir>', 'folder of recordings')
    .option('--limit <n>', 'use only the first n inputs of each kind', wholeNumber)
    .option('--busy-ok', 'measure on a busy machine, and say so');
  for (const option of bench.options ?? []) command.addOption(option);
  return command.action((flags: Flags) => runBench(flags, () => bench.run(flags)));
}

/** Reads a count from the command line. @throws InvalidArgumentError for anything but a whole number above 0 */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('Expected a whole number of 1 or more.');
  }
  return value;
}
