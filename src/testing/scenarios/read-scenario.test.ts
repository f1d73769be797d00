import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseScenario, readScenario } from './read-scenario.js';

const good = ['name: order', 'steps:', '  - say: a large coffee please', '    expect:', '      - event: agent_starts'];

function problemsOf(lines: readonly string[]): string {
  try {
    parseScenario(`${lines.join('\n')}\n`, 'x.yaml');
  } catch (error) {
    expect(error).toMatchObject({ code: 'scenario.invalid' });
    return (error as Error).message;
  }
  throw new Error('the scenario was accepted');
}

describe('a scenario file', () => {
  it('has defaults for what it leaves out', () => {
    const { scenario } = parseScenario(good.join('\n'), 'x.yaml');
    expect(scenario).toMatchObject({ name: 'order', seed: 1, repeat: 1, expect: [], conditions: {} });
    expect(scenario.agent).toMatchObject({ replies: [] });
  });

  it.each<[string, readonly string[], string]>([
    ['a misspelt key', ['name: x', 'steps:', '  - sya: hello'], 'x.yaml:3:5: unknown key sya: expected say'],
    [
      'a misspelt key of an expectation',
      ['name: x', 'steps:', '  - say: hello', '    expect:', '      - event: agent_starts', '        withinms: 3'],
      'x.yaml:6:9: unknown key withinms: expected within_ms',
    ],
    [
      'a pause behind a word that is not said',
      ['name: x', 'steps:', '  - say: hello there you', '    pauses: { after_words: [3, 9], ms: 400 }'],
      'x.yaml:4:5: after_words: expected numbers of the 3 words that are said, found 9',
    ],
    [
      'an unknown key that is like no other',
      [...good, 'colour: red'],
      'x.yaml:6:1: unknown key colour: expected one of name',
    ],
    [
      'a value of another type',
      ['name: x', 'seed: soon', 'steps:', '  - say: hi'],
      'x.yaml:2:1: seed: expected a number, found "soon"',
    ],
    ['a text where a list belongs', ['name: x', 'steps: hello'], 'x.yaml:2:1: steps: expected a list, found "hello"'],
    [
      'a number beyond its bounds',
      ['name: x', 'caller: { pitch: 9 }', 'steps:', '  - say: hi'],
      'x.yaml:2:11: pitch: expected at most 1.4, found 9',
    ],
    [
      'a number below its bounds',
      ['name: x', 'steps:', '  - silence: -5'],
      'x.yaml:3:5: silence: expected at least 0, found -5',
    ],
    [
      'an unknown event',
      ['name: x', 'steps:', '  - say: hi', '    send_after: { event: agent_start }'],
      'x.yaml:4:19: event: expected one of call_starts',
    ],
    ['a missing name', ['steps:', '  - say: hi'], 'x.yaml:1:1: name: expected a text, which is missing'],
    ['no steps', ['name: x', 'steps: []'], 'x.yaml:2:1: steps: expected at least one step, found a list of 0'],
    ['a tab', ['name: x', 'steps:', '\t- say: hi'], 'x.yaml:3:1: expected spaces for indentation, found a tab'],
    ['a key that comes twice', ['name: x', 'name: y', 'steps:', '  - say: hi'], 'x.yaml:2:1: expected each key once'],
    ['a quote that is not closed', ['name: "x', 'steps:'], 'x.yaml:3:1: expected YAML: '],
    ['an empty file', [''], 'x.yaml:1:1: the scenario is empty: expected name and steps'],
    ['a file of comments', ['# nothing'], 'x.yaml:1:1: the scenario is empty'],
    ['a list', ['- name: x'], 'x.yaml:1:1: expected keys with values, found a list of 1'],
    [
      'a step that does two things',
      ['name: x', 'steps:', '  - say: hi', '    silence: 3'],
      'x.yaml:3:5: expected exactly one of say',
    ],
    ['a step that does nothing', ['name: x', 'steps:', '  - level_db: 3'], 'found none'],
    [
      'waiting for an agent that has nothing to answer',
      ['name: x', 'steps:', '  - say: hi', '    send_after: { event: agent_starts }'],
      'x.yaml:4:19: expected something for the agent to answer before a step that waits for agent_starts',
    ],
    [
      'a step after the end',
      ['name: x', 'steps:', '  - hang_up: true', '  - say: hi'],
      'x.yaml:4:5: expected no step after hang_up',
    ],
    [
      'stopping an agent that is not spoken over',
      [...good.slice(0, 4), '      - agent_stops_within_ms: 800'],
      'x.yaml:5:9: expected agent_stops_within_ms in a step that is heard over the agent',
    ],
    [
      'a modifier without its action',
      ['name: x', 'steps:', '  - silence: 3', '    pauses: { count: 1 }'],
      'x.yaml:4:5: expected pauses only beside say or play, not beside silence',
    ],
    [
      'an expectation of nothing',
      [...good.slice(0, 4), '      - within_ms: 5'],
      'x.yaml:5:9: expected exactly one of event',
    ],
    [
      'keys of a telephone that are numbers',
      ['name: x', 'steps:', '  - dtmf: 12'],
      'x.yaml:3:5: dtmf: expected a text, found 12',
    ],
    ['two documents', ['name: x', '---', 'name: y'], 'expected one scenario in a file'],
  ])('with %s is refused with line and column, and what was expected', (_, lines, message) => {
    expect(problemsOf(lines)).toContain(message);
  });

  it('names all of its mistakes at once, in the order of the file', () => {
    const problems = problemsOf(['name: X', 'sed: 1', 'steps:', '  - say: hi', '    voice: 3']).split('\n');
    expect(problems.map((line) => line.split(':')[1])).toEqual(['1', '2', '5']);
  });

  it('with aliases that multiply is refused rather than unfolded', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de'])
      bomb.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(', ')}]`);
    expect(problemsOf(bomb)).toContain('expected fewer aliases');
  });
});

describe('the files that a scenario names', () => {
  let folder: string | undefined;
  afterEach(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('are looked for beside it, and one that is not there is named with its line', async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-scenario-'));
    const file = join(folder, 'x.yaml');
    await writeFile(file, 'name: x\nsteps:\n  - play: there.wav\n  - play: gone.wav\n');
    await writeFile(join(folder, 'there.wav'), '');
    await expect(readScenario(file)).rejects.toMatchObject({
      code: 'scenario.invalid',
      message: `${file}:4:5: expected a recording or a folder of recordings at ${join(folder, 'gone.wav')}, where there is none`,
    });
  });

  it('a scenario that is not there is named', async () => {
    await expect(readScenario('/nowhere/x.yaml')).rejects.toThrow(
      /\/nowhere\/x\.yaml cannot be read \(ENOENT\); expected/,
    );
  });
});
