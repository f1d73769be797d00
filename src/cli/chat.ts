import { Command } from 'commander';
import { messageLimits } from '../api/openai/realtime/limits.js';
import { nodeSockets } from '../client/node-socket.js';
import type { RealtimeClient } from '../client/realtime-client.js';
import { dataDirOf } from '../settings/settings.js';
import { readPrompt } from './call/call-files.js';
import { type OpenedSession, openSession } from './call/open-session.js';
import { ensureServer, type ServerOptions } from './call/server.js';
import { type CommandEnv, certificateOption, serverUrlOption } from './call/server-options.js';
import { trustedCertificates } from './call/trusted-certificates.js';
import { Answers } from './chat-answers.js';
import { type LineInput, lineTooLong, pipedLines, terminalLines } from './chat-lines.js';

/** One line is one item of the conversation. */
const maxLineBytes = messageLimits.maxItemBytes;

/** What the command touches, all of it replaceable. */
export type ChatCommandOptions = {
  readonly env?: CommandEnv;
  readonly stdin?: LineInput;
  readonly stdout?: { write(text: string): unknown };
  readonly stderr?: { write(text: string): unknown };
  readonly server?: Pick<ServerOptions, 'command' | 'readyTimeoutMs'>;
};

type Flags = {
  readonly prompt?: string;
  readonly greeting?: string | boolean;
  readonly timing?: true;
  readonly url: string;
  readonly ca?: string;
};

/**
 * `parley chat`: the agent in writing, line by line, over the same socket and with the same prompt, history and stop
 * rules as a call. Lines come from the terminal, or from a pipe: then each is one turn, and the end of input ends it.
 */
export function chatCommand(options: ChatCommandOptions = {}): Command {
  return new Command('chat')
    .description('talk to the agent in writing: to try a prompt without a microphone')
    .option('--prompt <file>', "text file with the agent's instructions; without it, the server's own agent")
    .option('--greeting <text>', 'what the agent says first')
    .option('--no-greeting', 'you write first')
    .option('--timing', 'say how long each answer took')
    .addOption(serverUrlOption(options.env ?? process.env))
    .addOption(certificateOption())
    .addHelpText(
      'after',
      `
Examples:
  parley chat
  parley chat --prompt receptionist.txt --timing
  echo "When are you open?" | parley chat --no-greeting
Each line is one turn; empty lines are passed over; Ctrl-D or the end of the input ends it.
Exit code: 0 at the end of the input, 1 when the server refuses, ends the session or does not answer.`,
    )
    .action((flags: Flags) => chat(flags, options));
}

async function chat(flags: Flags, options: ChatCommandOptions): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    await chatUntil(controller.signal, flags, options);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** A server that was started for this is ended with it, whatever ends it. */
async function chatUntil(signal: AbortSignal, flags: Flags, options: ChatCommandOptions): Promise<void> {
  const { stdin = process.stdin, stderr = process.stderr, env = process.env } = options;
  const instructions = flags.prompt === undefined ? undefined : await readPrompt(flags.prompt);
  const trust = trustedCertificates({ url: flags.url, file: flags.ca, dataDir: dataDirOf(env) });
  const server = await ensureServer({
    ...options.server,
    url: flags.url,
    trust,
    signal,
    onProgress: (message) => stderr.write(`${message}\n`),
  });
  try {
    const session = await openSession({
      url: flags.url,
      openSocket: nodeSockets(env.PARLEY_API_KEY, trust),
      written: true,
      signal,
      ...(instructions === undefined ? {} : { instructions }),
      ...(typeof flags.greeting === 'string' || flags.greeting === false ? { greeting: flags.greeting } : {}),
    });
    const over = new AbortController();
    void session.client.ended.then(() => over.abort());
    const hangUp = (): void => void session.client.close();
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      await converse(session, { ...options, stdin, stderr, timing: flags.timing === true, signal: over.signal });
      if (over.signal.aborted) {
        const end = await session.client.ended;
        if (end.by === 'server') throw end.error;
        signal.throwIfAborted();
      }
    } finally {
      signal.removeEventListener('abort', hangUp);
      await session.client.close();
    }
  } finally {
    await server.stop();
  }
}

type Conversing = Pick<ChatCommandOptions, 'stdout'> & {
  readonly stdin: LineInput;
  readonly stderr: { write(text: string): unknown };
  readonly timing: boolean;
  readonly signal: AbortSignal;
};

/** Line by line, until there are no more or the session is over. */
async function converse(session: OpenedSession, options: Conversing): Promise<void> {
  const { stdin, stdout = process.stdout, stderr, timing, signal } = options;
  const interactive = stdin.isTTY === true;
  const answers = new Answers(session, (text) => stdout.write(text));
  const prompt = (): void => {
    if (interactive) stdout.write('> ');
  };
  if (interactive) stderr.write('Write to the agent, one line for each turn; Ctrl-D ends.\n');
  if (session.greets) await answers.next();
  prompt();
  for await (const line of interactive ? terminalLines(stdin, signal) : pipedLines(stdin, maxLineBytes, signal)) {
    const bytes = Buffer.byteLength(line);
    if (bytes > maxLineBytes) stderr.write(`${lineTooLong(bytes, maxLineBytes).message}\n`);
    else if (line.trim() !== '') {
      const startedMs = performance.now();
      answers.forget();
      say(session.client, line);
      const firstMs = await answers.next();
      if (timing) stderr.write(`(first words after ${Math.round(firstMs - startedMs)} ms)\n`);
    }
    prompt();
  }
  if (interactive) stdout.write('\n');
}

function say(client: RealtimeClient, text: string): void {
  client.send({
    type: 'conversation.item.create',
    item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
  });
  client.send({ type: 'response.create' });
}
