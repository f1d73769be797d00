import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const probe = new URL('./vitals-probe.js', import.meta.url).href;
const root = fileURLToPath(new URL('../../', import.meta.url));
const answerWithinMs = 10_000;
const keptOutputCharacters = 200_000;

export type Vitals = {
  readonly atMs: number;
  readonly rssBytes: number;
  /** The most it ever was. */
  readonly peakRssBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly arrayBufferBytes: number;
  /** What keeps the event loop alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Beyond what a timer takes anyway. */
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number; readonly n: number };
};

/** What is open, without what comes and goes with a file that is being closed. */
export function handles({ resources }: Vitals): string {
  return Object.entries(resources)
    .filter(([name]) => name !== 'FSReqCallback' && name !== 'Immediate')
    .map(([name, count]) => `${name} ${count}`)
    .sort()
    .join(', ');
}

/** A Node process that says how it is. */
export class WatchedProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  #output = '';
  #onOutput: (() => void) | undefined;

  /** @param args as for `node`: options first, then the script */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, ['--expose-gc', '--import', probe, ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-keptOutputCharacters);
      this.#onOutput?.();
    };
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => {
        resolve({ code, signal });
        this.#onOutput?.();
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The end of what it has written. */
  get output(): string {
    return this.#output;
  }

  /** Resolves with the first match in what it writes. @throws with its output when it ends before, or takes too long */
  async wrote(pattern: RegExp, withinMs: number): Promise<RegExpExecArray> {
    const late = setTimeout(() => this.#onOutput?.(), withinMs + 10);
    const deadline = performance.now() + withinMs;
    try {
      for (;;) {
        const match = pattern.exec(this.#output);
        if (match) return match;
        const gone = this.child.exitCode !== null || this.child.signalCode !== null;
        if (gone || performance.now() > deadline)
          throw new Error(`The process ${gone ? 'ended' : 'took too long'} before ${pattern}:\n${this.#output}`);
        await new Promise<void>((resolve) => {
          this.#onOutput = resolve;
        });
      }
    } finally {
      clearTimeout(late);
      this.#onOutput = undefined;
    }
  }

  /** As it is. */
  vitals(): Promise<Vitals> {
    return this.#ask('vitals');
  }

  /** What is left when everything that nobody needs has been thrown away; that takes tens of milliseconds. */
  settled(): Promise<Vitals> {
    return this.#ask('vitals-after-gc');
  }

  /** From here on the event-loop delay counts anew. */
  resetDelay(): Promise<Vitals> {
    return this.#ask('reset-delay');
  }

  /** Sends a signal and waits for the end, which is forced when it does not come in time. */
  async stop(
    signal: NodeJS.Signals = 'SIGTERM',
    withinMs = 15_000,
  ): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    this.child.kill(signal);
    const force = setTimeout(() => this.child.kill('SIGKILL'), withinMs);
    const how = await this.exited;
    clearTimeout(force);
    return how;
  }

  #ask(ask: 'vitals' | 'vitals-after-gc' | 'reset-delay'): Promise<Vitals> {
    return new Promise((resolve, reject) => {
      const onMessage = (message: { readonly vitals?: Vitals }): void => {
        if (!message.vitals) return;
        settle();
        resolve(message.vitals);
      };
      const settle = (): void => {
        clearTimeout(late);
        this.child.off('message', onMessage);
      };
      const late = setTimeout(() => {
        settle();
        reject(new Error(`The process did not say how it is within ${answerWithinMs} ms.`));
      }, answerWithinMs);
      this.child.on('message', onMessage);
      this.child.send({ ask });
    });
  }
}
