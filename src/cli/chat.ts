import { createInterface } from 'node:readline';
import { Command } from 'commander';
import type { RealtimeClient } from '../client/realtime-client.js';
import type { ServerEvent } from '../client/server-events.js';
import { ParleyError } from '../ports/errors.js';
import { dataDirOf } from '../settings/settings.js';
import { readPrompt } from './call/call-files.js';
import { type CommandEnv, defaultUrl } from './call/default-url.js';
import { nodeSockets } from './call/node-socket.js';
import { type OpenedSession, openSession } from './call/open-session.js';
import { ensureServer, type ServerOptions } from './call/server.js';
import { trustedCertificates } from './call/trusted-certificates.js';
import { fail } from './fail.js';

/** An answer that has not ended by then is given up. */
const answerTimeoutMs = 60_000;

/** What the command touches, all of it replaceable. */
export type ChatCommandOptions = {
  readonly env?: CommandEnv;
  readonly stdin?: NodeJS.ReadableStream & { readonly isTTY?: boolean };
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
    .option('--prompt <file>', "text file with the agent's instructions")
    .option('--greeting <text>', 'what the agent says first')
    .option('--no-greeting', 'you write first')
    .option('--timing', 'say how long each answer took')
    .option(
      '--url <url>',
      "the server's socket; a server is started if none runs there",
      defaultUrl(options.env ?? process.env),
    )
    .option('--ca <file.pem>', 'certificate to trust, for a server on another computer that made its own')
    .addHelpText(
      'after',
      '\nExamples:\n  parley chat\n  parley chat --prompt receptionist.txt\n  echo "When are you open?" | parley chat --no-greeting',
    )
    .action((flags: Flags) => chat(flags, options).catch(fail));
}

async function chat(flags: Flags, options: ChatCommandOptions): Promise<void> {
  const { stdin = process.stdin, stdout = process.stdout, stderr = process.stderr, env = process.env } = options;
  const instructions = flags.prompt === undefined ? undefined : await readPrompt(flags.prompt);
  const trust = trustedCertificates({ url: flags.url, file: flags.ca, dataDir: dataDirOf(env) });
  const server = await ensureServer({
    ...options.server,
    url: flags.url,
    trust,
    onProgress: (message) => stderr.write(`${message}\n`),
  });
  const interactive = stdin.isTTY === true;
  try {
    const session = await openSession({
      url: flags.url,
      openSocket: nodeSockets(env.PARLEY_API_KEY, trust),
      written: true,
      ...(instructions === undefined ? {} : { instructions }),
      ...(typeof flags.greeting === 'string' || flags.greeting === false ? { greeting: flags.greeting } : {}),
    });
    const answers = new Answers(session, (text) => stdout.write(text));
    const lines = createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
    void session.client.ended.then(() => lines.close());
    if (interactive) stderr.write('Write to the agent, one line for each turn; Ctrl-D ends.\n');
    try {
      if (session.greets) await answers.next();
      if (interactive) stdout.write('> ');
      for await (const line of lines) {
        if (line.trim() !== '') {
          const startedAt = performance.now();
          say(session.client, line);
          const firstMs = await answers.next();
          if (flags.timing && firstMs !== undefined)
            stderr.write(`(first words after ${Math.round(firstMs - startedAt)} ms)\n`);
        }
        if (interactive) stdout.write('> ');
      }
      if (interactive) stdout.write('\n');
      const ended = await Promise.race([session.client.ended, undefined]);
      if (ended?.by === 'server') throw ended.error;
    } finally {
      lines.close();
      await session.client.close();
    }
  } finally {
    await server.stop();
  }
}

function say(client: RealtimeClient, text: string): void {
  client.send({
    type: 'conversation.item.create',
    item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
  });
  client.send({ type: 'response.create' });
}

/** Writes answers as they come, and tells when one is over. */
class Answers {
  readonly #write: (text: string) => void;
  #waiting:
    | { readonly resolve: (firstMs: number | undefined) => void; readonly reject: (error: Error) => void }
    | undefined;
  /** Answers that ended before anybody waited for them. */
  #over: (number | undefined)[] = [];
  #firstMs: number | undefined;

  constructor(session: OpenedSession, write: (text: string) => void) {
    this.#write = write;
    session.listen((event) => this.#take(event));
    void session.client.ended.then((end) => {
      if (end.by === 'server') this.#waiting?.reject(end.error);
    });
  }

  /**
   * Resolves at the end of the next answer, with when its first words came.
   * @throws ParleyError when the server ends the session, or answers with an error, or not in time
   */
  next(): Promise<number | undefined> {
    if (this.#over.length > 0) return Promise.resolve(this.#over.shift());
    return new Promise<number | undefined>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new ParleyError(`No answer came within ${answerTimeoutMs / 1000} s.`, {
              code: 'chat.no_answer',
              retryable: true,
            }),
          ),
        answerTimeoutMs,
      );
      const settle =
        <T>(done: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          this.#waiting = undefined;
          done(value);
        };
      this.#waiting = { resolve: settle(resolve), reject: settle(reject) };
    });
  }

  #take(event: ServerEvent): void {
    if (event.type === 'response.output_text.delta') {
      this.#firstMs ??= performance.now();
      this.#write(event.delta);
    } else if (event.type === 'response.done') {
      if (this.#firstMs !== undefined) this.#write('\n');
      const firstMs = this.#firstMs;
      this.#firstMs = undefined;
      if (this.#waiting) this.#waiting.resolve(firstMs);
      else this.#over.push(firstMs);
    } else if (event.type === 'error') {
      this.#waiting?.reject(
        new ParleyError(`The server answered with an error: ${event.error.message}`, { code: 'chat.refused' }),
      );
    }
  }
}
