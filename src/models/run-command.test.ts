import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.js';

const cwd = process.cwd();
const node = (script: string) => [process.execPath, ['-e', script]] as const;

describe('running a command', () => {
  it('returns its exit code and what it printed on both streams', async () => {
    const [command, args] = node('console.log("out"); console.error("err"); process.exitCode = 3');
    const result = await runCommand(command, args, { cwd, signal: new AbortController().signal });
    expect(result).toMatchObject({ outcome: 'exited', code: 3 });
    expect(result).toHaveProperty('output', expect.stringMatching(/out[\s\S]*err|err[\s\S]*out/));
  });

  it('keeps only the end of a long output', async () => {
    const [command, args] = node('process.stdout.write("x".repeat(1e6) + "end")');
    const result = await runCommand(command, args, { cwd, signal: new AbortController().signal });
    if (result.outcome !== 'exited') throw new Error('did not run');
    expect(result.output.length).toBeLessThan(20_000);
    expect(result.output.endsWith('end')).toBe(true);
  });

  it('tells a missing program from one that fails', async () => {
    const signal = new AbortController().signal;
    expect(await runCommand('no-such-program-here', [], { cwd, signal })).toEqual({ outcome: 'not-found' });
  });

  it('ends the process before it rejects on abort', async () => {
    const [command, args] = node('setInterval(() => {}, 1000); console.log("up")');
    const controller = new AbortController();
    const running = runCommand(command, args, { cwd, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(running).rejects.toThrow('enough');
  });
});
