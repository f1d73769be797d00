import { spawn } from 'node:child_process';

export type CommandOptions = {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Stops the command; the promise then rejects with the signal's reason, after the process has ended. */
  readonly signal: AbortSignal;
};

export type CommandResult =
  | { readonly outcome: 'exited'; readonly code: number; readonly output: string }
  /** No such program on this machine. */
  | { readonly outcome: 'not-found' };

/** Runs a program to its end. Injectable, so that tests need neither pip nor npm. */
export type RunCommand = (command: string, args: readonly string[], options: CommandOptions) => Promise<CommandResult>;

const keptOutputChars = 16_384;
const terminateGraceMs = 2_000;

export const runCommand: RunCommand = async (command, args, options) => {
  options.signal.throwIfAborted();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Windows starts npm through a batch file, which needs a shell; no argument holds a space.
    shell: process.platform === 'win32',
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-keptOutputChars);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);

  let killTimer: NodeJS.Timeout | undefined;
  const stop = () => {
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child.kill('SIGKILL'), terminateGraceMs);
  };
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    const result = await new Promise<CommandResult>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') resolve({ outcome: 'not-found' });
        else reject(error);
      });
      child.once('close', (code) => resolve({ outcome: 'exited', code: code ?? -1, output }));
    });
    options.signal.throwIfAborted();
    return result;
  } finally {
    clearTimeout(killTimer);
    options.signal.removeEventListener('abort', stop);
  }
};
