import { Command, InvalidArgumentError } from 'commander';
import { decodableFormats } from '../audio/decode.js';
import { ParleyError } from '../audio/error.js';
import { nodeSockets } from '../client/node-socket.js';
import { dataDirOf } from '../settings/settings.js';
import { callDocument, readClips, readPrompt, writeCall } from './call/call-files.js';
import type { CallResult } from './call/call-result.js';
import { summaryLines, updateLines } from './call/call-text.js';
import { type CallOptions, runCall } from './call/run-call.js';
import { ensureServer, type ServerOptions } from './call/server.js';
import { type CommandEnv, certificateOption, serverUrlOption } from './call/server-options.js';
import { trustedCertificates } from './call/trusted-certificates.js';
import { exitCodeOf } from './fail.js';
import { prepareFolder } from './files.js';

const longestBargeInMs = 60_000;

/** What the command touches, all of it replaceable. */
export type CallCommandOptions = {
  /** `PARLEY_HOST`, `PARLEY_PORT`, `PARLEY_TLS`, `PARLEY_DATA_DIR` and `PARLEY_API_KEY` of the server to call. */
  readonly env?: CommandEnv;
  readonly stdout?: { write(text: string): unknown };
  readonly stderr?: { write(text: string): unknown };
  /** @defaultValue sets `process.exitCode` */
  readonly setExitCode?: (code: number) => void;
  /** @defaultValue `process.exit`, for usage errors */
  readonly exit?: (code: number) => void;
  readonly server?: Pick<ServerOptions, 'command' | 'readyTimeoutMs'>;
  readonly timing?: CallOptions['timing'];
};

type Flags = {
  readonly prompt?: string;
  /** false by `--no-greeting`, true when neither is given. */
  readonly greeting?: string | boolean;
  readonly out?: string;
  readonly turns?: string;
  readonly bargeIn?: number;
  readonly json?: true;
  readonly url: string;
  readonly ca?: string;
};

type Output = {
  readonly document: (value: unknown) => void;
  readonly dialogue: (lines: readonly string[]) => void;
  readonly progress: (message: string) => void;
};

/**
 * `parley call`: speaks recorded turns to an agent as a caller would, prints the dialogue with where each turn's time
 * went, and records the call. It is an ordinary client of the server's socket in a process of its own. Exit code 1 and
 * a message when the call cannot be made or breaks off, 2 for wrong usage, 130 after Ctrl-C.
 */
export function callCommand(options: CallCommandOptions = {}): Command {
  const exit = options.exit ?? ((code) => process.exit(code));
  const setExitCode =
    options.setExitCode ??
    ((code) => {
      process.exitCode = code;
    });
  return new Command('call')
    .description('call an agent with recorded turns: prints the dialogue and where the time of each turn went')
    .argument('<file...>', `the caller's turns in order: ${decodableFormats}; any rate`)
    .option('--prompt <file>', "text file with the agent's instructions; without it, the server's own agent")
    .option('--greeting <text>', 'what the agent says first')
    .option('--no-greeting', 'the caller speaks first')
    .option('--out <dir>', 'write call.wav (caller left, agent right) and call.json to this folder')
    .option('--turns <file.json>', 'where speech begins and ends, when known: {"file.wav": {"startMs", "endMs"}}')
    .option('--barge-in <ms>', 'start the next file this long after the agent became audible', parseBargeIn)
    .option('--json', 'print one JSON document; the dialogue goes to stderr')
    .addOption(serverUrlOption(options.env ?? process.env))
    .addOption(certificateOption())
    .addHelpText(
      'after',
      `
Examples:
  parley call order.wav
  parley call first.mp3 second.mp3 --prompt receptionist.txt --out out
  parley call question.wav wait.wav --barge-in 800 --json
Exit code: 0 after a whole call, 1 when it cannot be made or breaks off, 2 for wrong usage, 130 after Ctrl-C.`,
    )
    .exitOverride((error) => exit(exitCodeOf(error)))
    .action((files: string[], flags: Flags) => command(files, flags, options, setExitCode));
}

function parseBargeIn(text: string): number {
  const ms = Number(text);
  if (text.trim() === '' || !Number.isInteger(ms) || ms < 0 || ms > longestBargeInMs) {
    throw new InvalidArgumentError(`Expected whole milliseconds from 0 to ${longestBargeInMs}.`);
  }
  return ms;
}

async function command(
  files: readonly string[],
  flags: Flags,
  options: CallCommandOptions,
  setExitCode: (code: number) => void,
): Promise<void> {
  const stdout = options.stdout ?? process.stdout;
  const stderr = options.stderr ?? process.stderr;
  const spoken = flags.json ? stderr : stdout;
  const output: Output = {
    document: (value) => stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    dialogue: (lines) => {
      for (const line of lines) spoken.write(`${line}\n`);
    },
    progress: (message) => stderr.write(`${message}\n`),
  };
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  // Only the first one: a second Ctrl-C ends the process in the usual way.
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const result = await call(files, flags, options, output, controller.signal);
    if (result.ended === 'aborted') setExitCode(130);
    if (result.failure) {
      output.progress(`parley call: ${result.failure.message}`);
      setExitCode(1);
    }
  } catch (error) {
    if (!ParleyError.isInstance(error)) throw error;
    output.progress(`parley call: ${error.message}`);
    if (flags.json) output.document({ error: { code: error.code, message: error.message } });
    setExitCode(controller.signal.aborted ? 130 : 1);
  } finally {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  }
}

async function call(
  files: readonly string[],
  flags: Flags,
  options: CallCommandOptions,
  output: Output,
  signal: AbortSignal,
): Promise<CallResult> {
  // Everything that can be wrong with the input is found before a server is started.
  const clips = await readClips(files, flags.turns);
  const instructions = flags.prompt === undefined ? undefined : await readPrompt(flags.prompt);
  if (flags.out !== undefined) await prepareFolder(flags.out);
  const env = options.env ?? process.env;
  const trust = trustedCertificates({ url: flags.url, file: flags.ca, dataDir: dataDirOf(env) });
  const server = await ensureServer({ ...options.server, url: flags.url, trust, onProgress: output.progress, signal });
  try {
    const result = await runCall({
      url: flags.url,
      openSocket: nodeSockets(env.PARLEY_API_KEY, trust),
      clips,
      signal,
      onUpdate: (update) => output.dialogue(updateLines(update)),
      ...(instructions === undefined ? {} : { instructions }),
      ...(typeof flags.greeting === 'string' || flags.greeting === false ? { greeting: flags.greeting } : {}),
      ...(flags.bargeIn === undefined ? {} : { bargeInMs: flags.bargeIn }),
      ...(options.timing ? { timing: options.timing } : {}),
    });
    output.dialogue(summaryLines(result));
    const written = flags.out === undefined ? undefined : await writeCall(flags.out, result);
    if (written) output.progress(`recorded ${written.wav} and ${written.json}`);
    if (flags.json) output.document({ ...callDocument(result), ...(written ? { files: written } : {}) });
    return result;
  } finally {
    await server.stop();
  }
}
