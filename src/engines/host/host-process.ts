import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ParleyError } from '../../ports/errors.js';
import { beatEveryMs, beatFd, Heartbeat } from './heartbeat.js';
import type { HostFailure, HostMessage } from './protocol.js';
import { pingOp } from './protocol.js';
import { SliceTimes } from './slice-times.js';

export type HostOptions = {
  /** Shown in errors and logs. */
  readonly name: string;
  /** The module that calls `serveHost`. */
  readonly entry: URL;
  /** Given to the entry's `start`. */
  readonly init: unknown;
  readonly log?: (event: HostLogEvent) => void;
  readonly limits?: Partial<HostLimits>;
};

export type HostLogEvent =
  | { readonly type: 'started'; readonly host: string; readonly pid: number; readonly startMs: number }
  | { readonly type: 'died'; readonly host: string; readonly detail: string; readonly restartInMs: number };

export type HostLimits = {
  /** A host that has not loaded by then is killed and counted as failed. */
  readonly startMs: number;
  /**
   * A slice that takes longer, and ten times longer than usual, means that the host's own thread hangs: it is killed.
   * Slices take 20-250 ms, but several seconds on a machine that is loaded five times over, where killing would only
   * add the work of a start. A process that is stopped is found by {@link stallMs} much sooner.
   */
  readonly requestMs: number;
  /** Without a sign of life for this long a host counts as stopped, and is killed. */
  readonly stallMs: number;
  /** The same until its first sign of life, while it loads its code. */
  readonly firstBeatMs: number;
  readonly healthEveryMs: number;
  /** Requests under way at once; one more is refused. */
  readonly maxPending: number;
  readonly firstRestartMs: number;
  readonly maxRestartMs: number;
};

export const defaultHostLimits = {
  startMs: 60_000,
  requestMs: 15_000,
  // Beats come every 200 ms. A thread that only writes a byte is scheduled within tens of milliseconds on a machine that
  // is loaded several times over.
  stallMs: 1_000,
  firstBeatMs: 15_000,
  healthEveryMs: 5_000,
  maxPending: 64,
  firstRestartMs: 100,
  maxRestartMs: 10_000,
} as const satisfies HostLimits;

/** For a host that was told to end, before it is killed. */
const endGraceMs = 2_000;

type Pending = {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  readonly op: string;
  readonly sentMs: number;
};

/**
 * The main-process side of one host: forks it, asks it things, notices when it dies or hangs, and starts it again.
 * Requests under way when it dies fail with a retryable `host.died`.
 */
export class HostProcess {
  readonly #options: HostOptions;
  readonly #limits: HostLimits;
  readonly #pending = new Map<number, Pending>();
  readonly #times = new SliceTimes();
  #child: ChildProcess | undefined;
  /** Why the child was ended from here. */
  #verdict = '';
  #retired: ChildProcess | undefined;
  #ready: Promise<void> | undefined;
  #nextId = 1;
  #generation = 0;
  #failures = 0;
  #readyAt = Number.POSITIVE_INFINITY;
  /** Requests that wait for the host to be ready. */
  #waiting = 0;
  #cancelRestart: (() => void) | undefined;
  #healthTimer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#limits = { ...defaultHostLimits, ...options.limits };
  }

  /** Counts starts. State kept in a host is gone when this has changed. */
  get generation(): number {
    return this.#generation;
  }

  /** Loaded, and not known to be on its way out. */
  get up(): boolean {
    return this.#child?.connected === true && this.#retired !== this.#child && Number.isFinite(this.#readyAt);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Resolves when the host has loaded and warmed up; after it has died, when it is back.
   * @throws ParleyError `host.start_failed` (retryable), `host.closed`
   */
  start(): Promise<void> {
    if (this.#closing) return Promise.reject(this.#closedError());
    this.#ready ??= this.#launch();
    return this.#ready;
  }

  /**
   * As {@link start}, but given up when `signal` aborts. Awaited before a lease is asked for: a host that is being
   * restarted must not keep cores from the others.
   */
  async whenReady(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let giveUp = (): void => {};
    const aborted = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal.reason as Error);
      signal.addEventListener('abort', giveUp, { once: true });
    });
    try {
      await Promise.race([this.start(), aborted]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /**
   * Asks the host for one slice of work. With `atOnce` a host that is being started is not waited for: whoever holds
   * a lease has to give it back meanwhile.
   * @throws ParleyError `host.died`, `host.hung` (retryable), `host.busy` (503), or what the handler threw
   */
  async request<T>(
    op: string,
    payload: unknown,
    options: { readonly deadlineMs?: number; readonly atOnce?: boolean } = {},
  ): Promise<T> {
    if (options.atOnce && !this.up) throw this.#diedError('it is being started');
    const underWay = this.#pending.size + this.#waiting;
    if (underWay >= this.#limits.maxPending)
      throw new ParleyError(`The ${this.#options.name} host already has ${underWay} requests under way.`, {
        code: 'host.busy',
        retryable: true,
        status: 503,
      });
    this.#waiting += 1;
    try {
      await this.start();
    } finally {
      this.#waiting -= 1;
    }
    const child = this.#child;
    if (!child?.connected) throw this.#diedError('it is not running');
    const id = this.#nextId++;
    const deadlineMs = options.deadlineMs ?? this.#times.deadlineMs(op, this.#limits.requestMs);
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        const message = `The ${this.#options.name} host did not answer "${op}" within ${deadlineMs} ms; it is being restarted.`;
        reject(new ParleyError(message, { code: 'host.hung', retryable: true, status: 503 }));
        this.#condemn(child, `it did not answer "${op}" within ${deadlineMs} ms`);
      }, deadlineMs);
      const sentMs = performance.now();
      this.#pending.set(id, { resolve: (value) => resolve(value as T), reject, timer, op, sentMs });
      child.send({ id, op, payload }, (error) => {
        if (!error) return;
        this.#retire(child);
        this.#settle(id)?.reject(this.#diedError(error.message));
      });
    });
  }

  /** Ends the host. Idempotent: every call resolves when the process is gone. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    clearInterval(this.#healthTimer);
    this.#cancelRestart?.();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const force = setTimeout(() => child.kill('SIGKILL'), endGraceMs);
    if (child.connected) child.disconnect();
    await gone;
    clearTimeout(force);
  }

  #launch(): Promise<void> {
    const startedAt = performance.now();
    const child = fork(fileURLToPath(this.#options.entry), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'],
      execArgv: [],
    });
    this.#child = child;
    this.#verdict = '';
    this.#generation += 1;
    const heartbeat = this.#listenForBeats(child, (silentMs) =>
      this.#condemn(child, `it gave no sign of life for ${Math.round(silentMs)} ms`),
    );
    let reason = '';
    const ready = new Promise<void>((resolve, reject) => {
      let gone = false;
      const onGone = (detail: string): void => {
        if (gone) return;
        gone = true;
        clearTimeout(timer);
        heartbeat.stop();
        reject(
          new ParleyError(`The ${this.#options.name} host could not be started: ${detail}`, {
            code: 'host.start_failed',
            retryable: true,
            status: 503,
          }),
        );
        this.#onExit(detail);
      };
      const timer = setTimeout(() => {
        reason = `it had not loaded after ${this.#limits.startMs} ms`;
        child.kill('SIGKILL');
      }, this.#limits.startMs);
      child.on('message', (message: HostMessage) => {
        heartbeat.heard();
        if (!('type' in message)) return this.#onReply(message);
        clearTimeout(timer);
        if (message.type === 'start-failed') {
          reason = message.error.message;
          return;
        }
        this.#readyAt = performance.now();
        this.#options.log?.({
          type: 'started',
          host: this.#options.name,
          pid: child.pid ?? 0,
          startMs: Math.round(performance.now() - startedAt),
        });
        this.#watchHealth();
        resolve();
      });
      child.on('error', (error) => {
        reason = error.message;
        // A process that could not be made has no exit to wait for.
        if (child.pid === undefined) onGone(reason);
      });
      child.once('disconnect', () => this.#retire(child));
      child.once('exit', (code, signal) =>
        onGone(reason || this.#verdict || `it ended with ${signal ?? `code ${code}`}`),
      );
    });
    child.send({ init: this.#options.init });
    // Whoever awaits start() sees the failure; a restart nobody awaits must not crash the process.
    ready.catch(() => {});
    return ready;
  }

  #listenForBeats(child: ChildProcess, onStall: (silentMs: number) => void) {
    const { stallMs, firstBeatMs } = this.#limits;
    const heartbeat = new Heartbeat({ limitMs: stallMs, firstLimitMs: firstBeatMs, onStall });
    const beats = child.stdio[beatFd];
    beats?.on('data', () => heartbeat.heard());
    // The pipe of a process that is gone: its exit says so too.
    beats?.on('error', () => {});
    const timer = setInterval(() => heartbeat.look(), beatEveryMs);
    timer.unref();
    return { heard: () => heartbeat.heard(), stop: () => clearInterval(timer) };
  }

  #onReply(message: Extract<HostMessage, { id: number }>): void {
    const pending = this.#settle(message.id);
    if (!pending) return;
    this.#times.note(pending.op, performance.now() - pending.sentMs);
    if (message.ok) pending.resolve(message.value);
    else pending.reject(errorOf(message.error));
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    clearTimeout(pending.timer);
    this.#pending.delete(id);
    return pending;
  }

  /** A child that hangs is ended, and the next one is started. */
  #condemn(child: ChildProcess, why: string): void {
    if (this.#child === child) this.#verdict = why;
    child.kill('SIGKILL');
    this.#retire(child);
  }

  /** A child on its way out takes nothing more: a request that comes before it is gone waits for the next one. */
  #retire(child: ChildProcess): void {
    if (this.#child !== child || this.#closing || this.#retired === child) return;
    this.#retired = child;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.#ready = gone.then(() => this.start());
    this.#ready.catch(() => {});
    // Without its channel a host ends by itself, unless it hangs.
    const force = setTimeout(() => child.kill('SIGKILL'), endGraceMs);
    void gone.then(() => clearTimeout(force));
  }

  #onExit(detail: string): void {
    clearInterval(this.#healthTimer);
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(this.#diedError(detail));
    this.#child = undefined;
    this.#ready = undefined;
    if (this.#closing) return;
    // One that dies soon after each start backs off too; one that ran well for a while starts afresh.
    if (performance.now() - this.#readyAt > this.#limits.maxRestartMs) this.#failures = 0;
    this.#readyAt = Number.POSITIVE_INFINITY;
    const restartInMs = Math.min(this.#limits.firstRestartMs * 2 ** this.#failures, this.#limits.maxRestartMs);
    this.#failures += 1;
    this.#options.log?.({ type: 'died', host: this.#options.name, detail, restartInMs });
    this.#ready = this.#relaunch(restartInMs);
    this.#ready.catch(() => {});
  }

  /** Whoever asks for the host meanwhile waits for this: asking does not shorten the back-off. */
  #relaunch(inMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#cancelRestart = undefined;
        this.#launch().then(resolve, reject);
      }, inMs);
      this.#cancelRestart = () => {
        clearTimeout(timer);
        reject(this.#closedError());
      };
    });
  }

  #watchHealth(): void {
    clearInterval(this.#healthTimer);
    this.#healthTimer = setInterval(() => {
      // A request under way has its own deadline; only an idle host needs asking.
      if (this.#pending.size === 0) this.request(pingOp, null).catch(() => {});
    }, this.#limits.healthEveryMs);
    this.#healthTimer.unref();
  }

  #diedError(detail: string): ParleyError {
    return new ParleyError(`The ${this.#options.name} host is gone (${detail}); it is being restarted.`, {
      code: 'host.died',
      retryable: true,
      status: 503,
    });
  }

  #closedError(): ParleyError {
    return new ParleyError(`The ${this.#options.name} host is closed.`, { code: 'host.closed', status: 503 });
  }
}

function errorOf(failure: HostFailure): ParleyError {
  return new ParleyError(failure.message, failure);
}
