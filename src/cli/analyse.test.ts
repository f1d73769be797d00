import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticCall } from '../analyser/synthetic-call.js';
import { writeWav } from '../audio/wav.js';
import { analyseCommand } from './analyse.js';

let folder = '';
const at = (name: string) => join(folder, name);

async function run(...args: string[]) {
  const printed = { out: '', err: '', exitCode: 0 };
  const command = analyseCommand()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        printed.out += text;
      },
      writeErr: (text) => {
        printed.err += text;
      },
    });
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    printed.exitCode = error.exitCode;
  }
  return printed;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-analyse-'));
  const caller = [{ startMs: 500, endMs: 1500 }];
  const agent = [{ startMs: 2140, endMs: 3000 }];
  const { channels, rateHz } = syntheticCall({ rateHz: 24_000, durationMs: 8000, caller, agent });
  await writeFile(at('call.wav'), writeWav(channels, rateHz));
  await writeFile(at('mono.wav'), writeWav(channels.slice(0, 1), rateHz));
  await writeFile(at('cut.wav'), writeWav(channels, rateHz).subarray(0, 30));
  await writeFile(at('turns.json'), JSON.stringify([{ startMs: 500, endMs: 1600 }]));
  await writeFile(at('named.json'), JSON.stringify({ 'call.wav': [{ startMs: 500, endMs: 1600 }] }));
  const callerTurns = [{ startMs: 500, endMs: 1600, file: 'order.flac' }];
  await writeFile(
    at('call.json'),
    JSON.stringify({ schema: 'parley.call/1', durationMs: 8000, callerTurns, turns: [] }),
  );
  await writeFile(at('wrong.json'), JSON.stringify([{ start: 500 }]));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('parley analyse', () => {
  it('prints a table', async () => {
    const { out, err, exitCode } = await run(at('call.wav'));
    expect(exitCode).toBe(0);
    expect(err).toBe('');
    expect(out).toMatch(/response_latency_first_turn ms +1 +6[34]\d /);
  });

  it('prints one JSON document and nothing else with --json', async () => {
    const { out, err } = await run(at('call.wav'), '--json');
    expect(err).toBe('');
    const report = JSON.parse(out) as { calls: { turns: { response_latency: number }[] }[] };
    expect(Math.abs((report.calls[0]?.turns[0]?.response_latency ?? 0) - 640)).toBeLessThanOrEqual(10);
  });

  it('takes turns from a file, for one recording, by name, or as a call wrote them', async () => {
    for (const file of ['turns.json', 'named.json', 'call.json']) {
      const { out } = await run(at('call.wav'), '--turns', at(file), '--json');
      const report = JSON.parse(out) as { calls: { turns: { response_latency: number }[] }[] };
      expect(Math.abs((report.calls[0]?.turns[0]?.response_latency ?? 0) - 540)).toBeLessThanOrEqual(10);
    }
  });

  it.each([
    ['a mono file', ['mono.wav'], /mono\.wav: .*expected two channels/],
    ['a file that is cut short', ['cut.wav'], /cut\.wav: /],
    ['a file that is not there', ['none.wav'], /none\.wav cannot be read/],
    ['a folder', ['.'], /cannot be read/],
    ['turns of another shape', ['call.wav', '--turns', 'wrong.json'], /wrong\.json does not hold caller turns/],
    ['turns that are not JSON', ['call.wav', '--turns', 'call.wav'], /is not JSON/],
    ['one list of turns for two recordings', ['call.wav', 'call.wav', '--turns', 'turns.json'], /for 2 recordings/],
    ['turns of one call for two recordings', ['call.wav', 'call.wav', '--turns', 'call.json'], /for 2 recordings/],
    ['a recording the turns do not name', ['mono.wav', '--turns', 'named.json'], /no turns for .*mono\.wav/],
  ])('refuses %s with a message, exit code 1 and nothing on stdout', async (_, args, message) => {
    const { out, err, exitCode } = await run(...args.map((arg) => (arg.startsWith('--') ? arg : at(arg))), '--json');
    expect(exitCode).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(message);
  });

  it('says nothing of the help where a recording is no recording', async () => {
    const { err, exitCode } = await run(at('cut.wav'));
    expect(exitCode).toBe(1);
    expect(err).not.toContain('--help');
  });

  it('refuses a seed that is not a whole number', async () => {
    expect((await run(at('call.wav'), '--seed', 'x')).err).toMatch(
      /'x' is invalid\. Expected a whole number of 0 or more/,
    );
  });
});
