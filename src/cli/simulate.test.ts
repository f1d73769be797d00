import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseEventLog } from '../conversation/read-event-log.js';
import { replay } from '../conversation/replay.js';
import { simulateCommand } from './simulate.js';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-simulate-'));
  const steps = ['steps:', '  - say: hello there', '    expect:', '      - { event: agent_starts, within_ms: 2500 }'];
  await writeFile(at('good.yaml'), ['name: good', ...steps, ''].join('\n'));
  await writeFile(
    at('bad.yaml'),
    ['name: bad', ...steps, '      - { event: heard, text_contains: goodbye }', ''].join('\n'),
  );
  await writeFile(at('typo.yaml'), 'name: typo\nsteps:\n  - sya: hello\n');
  await writeFile(at('other-typo.yaml'), 'nmae: typo\nsteps:\n  - say: hello\n');
  await writeFile(
    at('noisy.yaml'),
    ['name: noisy', 'conditions: { noise: { kind: pink, snr_db: 10 } }', ...steps, ''].join('\n'),
  );
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ out: string; err: string; code: number }> {
  let out = '';
  let err = '';
  let code = 0;
  const command = simulateCommand({
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    setExitCode: (value) => {
      code = value;
    },
    exit: (value) => {
      code = value;
    },
  });
  command.configureOutput({ writeOut: (text) => (out += text), writeErr: (text) => (err += text) });
  await command.parseAsync(args, { from: 'user' });
  return { out, err, code };
}

describe('parley simulate', () => {
  it('prints a line for each expectation with what was seen, and succeeds when all are met', async () => {
    const { out, code } = await run(at('good.yaml'), '--virtual');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^good, seed 1, virtual time, [\d.]+ s: all met\n {2}met +step 1 \(say "hello there"\): the agent answers within 2500 ms — after \d+ ms\n$/,
    );
  });

  it('fails when one is not met, says which, and how many scenarios passed', async () => {
    const { out, code } = await run(at('good.yaml'), at('bad.yaml'), '--virtual');
    expect(code).toBe(1);
    expect(out).toContain('NOT MET  step 1 (say "hello there"): the agent understands, with "goodbye" — "hello there"');
    expect(out).toContain('1 of 2 scenarios met all expectations.');
  });

  it('makes as many calls as asked, each with the next seed, and gives one JSON document', async () => {
    const { out, code } = await run(at('good.yaml'), '--virtual', '--runs', '3', '--seed', '40', '--json');
    const document = JSON.parse(out) as {
      schema: string;
      scenarios: { name: string; kind: string; runs: { seed: number; passed: boolean }[] }[];
    };
    expect(code).toBe(0);
    expect(document).toMatchObject({ schema: 'parley.simulation/1', scenarios: [{ name: 'good', kind: 'virtual' }] });
    expect(document.scenarios[0]?.runs.map(({ seed, passed }) => [seed, passed])).toEqual([
      [40, true],
      [41, true],
      [42, true],
    ]);
  });

  it('says which conditions virtual time leaves out', async () => {
    expect((await run(at('noisy.yaml'), '--virtual')).out).toContain('  not in virtual time: noise');
  });

  it('keeps a call with its recording and a log that replays', async () => {
    const { out, code } = await run(at('good.yaml'), '--virtual', '--keep', at('kept'));
    expect(code).toBe(0);
    expect(out).toContain(at('kept/good-1'));
    expect((await readdir(at('kept/good-1'))).sort()).toEqual(['call.json', 'call.wav', 'events.jsonl']);
    const report = replay(parseEventLog(await readFile(at('kept/good-1/events.jsonl'), 'utf8')));
    expect(report).toMatchObject({ differences: [], disagreements: [] });
  });

  it('finds every mistake in every file before it makes a call', async () => {
    const { out, err, code } = await run(at('good.yaml'), at('typo.yaml'), at('other-typo.yaml'), '--virtual');
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain(`${at('typo.yaml')}:3:5: unknown key sya: expected say`);
    expect(err).toContain(`${at('other-typo.yaml')}:1:1: unknown key nmae: expected name`);
  });

  it('knows the scenarios that come with it by name, and names them where there is no such', async () => {
    expect((await run('tool_slow', '--virtual')).code).toBe(0);
    const { err, code } = await run('no_such_scenario', '--virtual');
    expect(code).toBe(1);
    expect(err).toMatch(
      /There is no scenario "no_such_scenario"; expected a file, or one of .*: backchannel, .*smooth, .*tool_slow\./,
    );
  });

  it('looks at the address before it makes the caller’s voice', async () => {
    const { err, code } = await run(at('good.yaml'), '--url', 'foo');
    expect(code).toBe(1);
    expect(err).toBe(
      'parley simulate: "foo" is not the address of a socket; expected ws://127.0.0.1:8787/v1/realtime.\n',
    );
  });

  it.each([['--runs', '0'], ['--runs', 'many'], ['--seed', '-1'], ['--vritual']])('refuses %s %s', async (...flags) => {
    let code = 0;
    const command = simulateCommand({
      exit: (value) => {
        code = value;
        throw new Error('exit');
      },
    });
    command.configureOutput({ writeErr: () => {} });
    await expect(command.parseAsync([at('good.yaml'), ...flags], { from: 'user' })).rejects.toThrow();
    expect(code).toBe(2);
  });
});
