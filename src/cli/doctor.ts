import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { examine } from './doctor/examine.js';
import { reportText } from './doctor/report.js';

/** What the command touches, all of it replaceable. */
export type DoctorCommandOptions = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @defaultValue this package's root */
  readonly root?: string;
  readonly stdout?: { write(text: string): unknown };
  readonly stderr?: { write(text: string): unknown };
  /** @defaultValue sets `process.exitCode` */
  readonly setExitCode?: (code: number) => void;
};

type Flags = { readonly json?: true; readonly url?: string; readonly tls?: true; readonly measure: boolean };

/** `parley doctor`: what works here, what to expect of calls, and what to mend. */
export function doctorCommand(options: DoctorCommandOptions = {}): Command {
  return new Command('doctor')
    .description('say what works on this computer, what to expect of calls, and how to mend what is broken')
    .option('--json', 'print one JSON document')
    .option('--url <url>', "look for a server at this socket (default: where 'parley start' listens)")
    .option('--tls', "look at what 'parley start --tls' would use")
    .option('--no-measure', 'do not start the engines to measure this machine; a running server is asked in any case')
    .addHelpText(
      'after',
      `
Examples:
  parley doctor
  parley doctor --no-measure
  parley doctor --json --url ws://192.168.1.10:8787/v1/realtime
Exit code: 0 when nothing is broken, else 1.`,
    )
    .action((flags: Flags) => doctor(flags, options));
}

async function doctor(flags: Flags, options: DoctorCommandOptions): Promise<void> {
  const { stdout = process.stdout, stderr = process.stderr } = options;
  const env = options.env ?? process.env;
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error('stopped'));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const setExitCode =
    options.setExitCode ??
    ((code) => {
      process.exitCode = code;
    });
  try {
    const { results, expected } = await examine({
      env: flags.tls ? { ...env, PARLEY_TLS: 'on' } : env,
      // The same depth below the package's root in src/ and in dist/.
      root: options.root ?? fileURLToPath(new URL('../..', import.meta.url)),
      url: flags.url,
      measure: flags.measure,
      onStep: (what) => stderr.write(`${what}…\n`),
      signal: controller.signal,
    });
    const broken = results.some(({ state }) => state === 'broken');
    stdout.write(
      flags.json
        ? `${JSON.stringify({ ok: !broken, expect: expected ?? null, checks: results }, null, 2)}\n`
        : `${reportText(results, expected)}\n`,
    );
    if (broken) setExitCode(1);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    setExitCode(130);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
