import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultTurnSettings } from '../src/conversation/turn/settings.js';
import { type CommandResult, runParley } from './support/run-parley.js';

/** A call of two recorded orders on a busy machine, with the real engines: the second one waits for its transcript. */
const log = fileURLToPath(new URL('fixtures/logs/schema-2.jsonl', import.meta.url));
const older = fileURLToPath(new URL('fixtures/logs/schema-1.jsonl', import.meta.url));
const callId = 'call_6854e45f-6782-4618-bcf9-beb072f97ead';

let dataDir: string;
let folder: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-commands-'));
  folder = join(dataDir, 'calls', callId);
  await mkdir(folder, { recursive: true });
  await copyFile(log, join(folder, 'events.jsonl'));
});

afterAll(() => rm(dataDir, { recursive: true, force: true }));

const parley = (...args: readonly string[]): Promise<CommandResult> => runParley(args, { PARLEY_DATA_DIR: dataDir });

async function refused(args: readonly string[], message: RegExp, exitCode = 1): Promise<void> {
  const { code, stdout, stderr } = await parley(...args);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe('');
  expect(code).toBe(exitCode);
}

/** The stored call with one of its lines changed. */
async function withLine(line: number, edit: (text: string) => string): Promise<string> {
  const lines = (await readFile(log, 'utf8')).split('\n');
  lines[line - 1] = edit(lines[line - 1] ?? '');
  const file = join(dataDir, 'edited.jsonl');
  await writeFile(file, lines.join('\n'));
  return file;
}

describe('the commands for recorded calls, on a stored call', () => {
  it('a call is found by its id, its folder or its log, and told in words', async () => {
    const told = await Promise.all(
      [callId, 'last', folder, join(folder, 'events.jsonl')].map((call) => parley('explain', call)),
    );
    for (const { code, stdout } of told) {
      expect(code).toBe(0);
      expect(stdout).toBe(told[0]?.stdout);
    }
    expect(told[0]?.stdout).toContain('Turn 1');
    expect(told[0]?.stdout).toContain('“Get me a single shot coffee”');
  });

  it('one turn alone, as JSON', async () => {
    const { code, stdout } = await parley('explain', callId, '--turn', '2', '--json');
    expect(code).toBe(0);
    const { turns } = JSON.parse(stdout) as { turns: { turn: number; steps: { what: string }[] }[] };
    expect(turns.map(({ turn }) => turn)).toEqual([2]);
    expect(turns[0]?.steps.map(({ what }) => what)).toContain('committed');
    await refused(['explain', callId, '--turn', '9'], /The call has no turn 9; it has 1, 2/);
  });

  it('other settings are tried from the log alone, where it holds all that is asked', async () => {
    const { code, stdout } = await parley('replay', callId, '--set', 'endpointing.maxWaitMs=4000', '--json');
    expect(code).toBe(0);
    const { whatIf } = JSON.parse(stdout) as { whatIf: { turns: { heardFrom: string; unknown?: string }[] } };
    expect(whatIf.turns).toHaveLength(2);
    for (const { heardFrom, unknown } of whatIf.turns) expect(unknown ?? heardFrom).toBe('log');
  });

  it('what only the recording could tell is said to be unknown where there is none', async () => {
    const { code, stdout } = await parley('replay', callId, '--set', 'endpointing.suspectMs=200');
    expect(code).toBe(0);
    expect(stdout).toMatch(/turn 1: not known: the log does not say what would have been heard/);
    await refused(['replay', callId, '--ears'], /recording\.wav is not there/);
  });

  it('a pin that does not hold says where, and can be told to expect what is decided now', async () => {
    const file = join(dataDir, 'pin.json');
    const { minWaitMs } = defaultTurnSettings.endpointing;
    const text = await readFile(new URL('pins/plain-order.json', import.meta.url), 'utf8');
    await writeFile(file, text.replace(`"minWaitMs":${minWaitMs}`, `"minWaitMs":${minWaitMs + 300}`));
    const broken = await parley('pin', '--check', file);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(/DOES NOT HOLD: at \d+\.\d\d s \(window\) expected .*"commit"/);
    expect(await parley('pin', '--check', '--accept', file)).toMatchObject({ code: 0 });
    expect(await parley('pin', '--check', file)).toMatchObject({ code: 0 });
  });

  it('tuning on few turns says that they are few', async () => {
    const { code, stdout } = await parley('tune', callId, older);
    expect(code).toBe(0);
    expect(stdout).toMatch(/TOO FEW TURNS/);
    expect(stdout).toMatch(/shipped/);
  });

  it('a setting that there is not is named, with those that there are and their bounds', () =>
    refused(
      ['replay', callId, '--set', 'endpointing.minDelayMs=200'],
      /There is no setting "endpointing\.minDelayMs"[\s\S]*endpointing\.minWaitMs: from 0 to 10000/,
      2,
    ));

  it('what is asked for wrongly ends with 2, and offers only what a replay can tell', async () => {
    const { code, stderr } = await parley('replay', callId, '--set', 'nothing=1');
    expect(code).toBe(2);
    expect(stderr).toContain('interruption.afterMs: ');
    expect(stderr).not.toContain('silence.');
    const set = (setting: string): string[] => ['--set', setting];
    await refused(['replay', callId, ...set('endpointing.minWaitMs=99999')], /expected from 0 to 10000/, 2);
    await refused(['replay', callId, ...set('silence.maxSilenceMs=900')], /expected settings of endpointing/, 2);
    const crossed = [...set('endpointing.minWaitMs=2000'), ...set('endpointing.maxWaitMs=400')];
    await refused(['replay', callId, ...crossed], /expected the first to be no more than the second/, 2);
    await refused(['pin', callId], /expected --turn N/, 2);
  });

  it('the newest call of a folder without calls is not there yet', async () => {
    const { code, stderr } = await runParley(['explain', 'last'], { PARLEY_DATA_DIR: join(dataDir, 'none') });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/There is no call in .*calls yet; make one/)]);
  });

  it('a log that was cut short or edited is refused, saying where', async () => {
    const text = await readFile(log, 'utf8');
    const lines = text.trimEnd().split('\n').length;
    const cut = join(dataDir, 'cut.jsonl');
    await writeFile(cut, text.slice(0, -20));
    await refused(
      ['explain', cut],
      new RegExp(`cut\\.jsonl: The event log is damaged at line ${lines}: the log was cut off here`),
    );
    await writeFile(cut, `${text.split('\n').slice(0, 100).join('\n')}\n`);
    await refused(['replay', cut], /stops at line 100, before its call ends[\s\S]*--unfinished/);
    expect((await parley('explain', cut, '--unfinished')).code).toBe(0);
    await refused(
      ['replay', await withLine(20, (line) => line.replace('"type":"event"', '"type":"evnt"'))],
      /line 20: there is no record of type "evnt"/,
    );
    await refused(['explain', 'nothing-here'], /There is no call "nothing-here"/);
  });
});
