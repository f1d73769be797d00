import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultAgent } from '../agents/default-agent.js';
import { agentDefaults } from '../agents/definition.js';
import { defaultTurnSettings } from '../conversation/turn/settings.js';
import { noParleyFile, parseParleyFile, readParleyFile } from './parley-file.js';

const good = `providers:
  vllm:
    kind: openai
    url: http://127.0.0.1:8000/v1
    models:
      Qwen/Qwen3-8B: { task: chat, context_tokens: 32768, continuation: prefix }
  deepgram:
    kind: deepgram
    key_env: DEEPGRAM_API_KEY
    deadlines: { first_byte_ms: 800 }
    models:
      nova-3: { task: transcribe }
      aura-2: { task: speak, voices: [aura-2-thalia-en] }
agent:
  llm: [vllm/Qwen/Qwen3-8B, local]
  tts: deepgram/aura-2
`;

const problemsOf = (text: string): string => {
  try {
    parseParleyFile(text, 'parley.yaml');
    return '';
  } catch (error) {
    expect(error).toMatchObject({ code: 'settings.invalid' });
    return (error as Error).message;
  }
};

describe('parley.yaml', () => {
  it('names models of providers, and which the agent uses in what order', () => {
    const { models, agent } = parseParleyFile(good, 'parley.yaml');
    expect(agent).toMatchObject({ stt: ['local'], llm: ['vllm/Qwen/Qwen3-8B', 'local'], tts: ['deepgram/aura-2'] });
    expect(models.map(({ name, url, keyVariable, firstByteMs }) => [name, url, keyVariable, firstByteMs])).toEqual([
      ['vllm/Qwen/Qwen3-8B', 'http://127.0.0.1:8000/v1', undefined, undefined],
      ['deepgram/nova-3', 'https://api.deepgram.com', 'DEEPGRAM_API_KEY', 800],
      ['deepgram/aura-2', 'https://api.deepgram.com', 'DEEPGRAM_API_KEY', 800],
    ]);
  });

  it.each([
    ['kind: openai', 'kind: opnai', /parley\.yaml:3:5: kind: expected one of .*did you mean openai/],
    ['    url: http://127.0.0.1:8000/v1\n', '', /:2:3: expected a url/],
    ['http://127.0.0.1:8000/v1', 'ftp://x', /:4:5: url: expected a URL that begins with http/],
    ['task: chat', 'task: speak', /:6:7: voices: expected at least one.*\n.*:15:9: llm: expected one of local, found/],
    ['task: transcribe', 'task: chat', /:12:7: task: expected one of transcribe, speak/],
    ['context_tokens', 'context_token', /:6:36: unknown key context_token: expected context_tokens/],
    ['DEEPGRAM_API_KEY', 'sk-1234-secret', /:9:5: key_env: expected the name of an environment variable/],
    ['tts: deepgram/aura-2', 'tts: deepgram/aura-3', /:16:3: tts: expected one of local, deepgram\/aura-2, found/],
    ['agent:', '\tagent:', /expected spaces for indentation, found a tab|expected YAML/],
  ])('says at which line "%s" is not "%s"', (right, wrong, expected) => {
    expect(problemsOf(good.replace(right, wrong))).toMatch(expected);
  });

  it('says how turns are taken, with the names that tuning prints', () => {
    const { agent } = parseParleyFile(
      'agent:\n  turns:\n    endpointing.minWaitMs: 400\n    interruption.enabled: false\n    endpointing.lookAgainMs: [300, 600]\n',
      'parley.yaml',
    );
    const { endpointing, interruption } = defaultTurnSettings;
    expect(agent.turns).toEqual({
      ...defaultTurnSettings,
      endpointing: { ...endpointing, minWaitMs: 400, lookAgainMs: [300, 600] },
      interruption: { ...interruption, enabled: false },
    });
  });

  it.each([
    ['endpointing.minWaitMs: 99999', /:3:5: endpointing\.minWaitMs cannot be "99999"; expected from 0 to 10000/],
    ['endpointing.minDelayMs: 400', /:3:5: There is no setting "endpointing\.minDelayMs"/],
    ['detection: manual', /:3:5: expected a setting of endpointing, .*, found "detection"/],
    ['endpointing.minWaitMs: 1700', /:2:3: endpointing\.minWaitMs is 1700 and endpointing\.maxWaitMs is 1600/],
    ['endpointing: { minWaitMs: 400 }', /:3:5: endpointing: expected a value; names have dots, as in .*, found keys/],
  ])('says at which line a setting of turns cannot be used: %s', (line, expected) => {
    expect(problemsOf(`agent:\n  turns:\n    ${line}\n`)).toMatch(expected);
  });

  describe('says who the agent is', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'parley-agent-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    /** The agent of a file in the folder. `lines` stand under `agent`. */
    const agentOf = (...lines: string[]) =>
      parseParleyFile(`agent:\n${lines.map((line) => `  ${line}\n`).join('')}`, join(folder, 'parley.yaml')).agent
        .definition;

    it('in the file itself', () => {
      expect(
        agentOf(
          'name: Sam at Corner Bikes',
          'instructions: |',
          '  You are Sam.',
          '  You mend bicycles.',
          'greeting: Corner Bikes, this is Sam.',
          'examples:',
          '  - caller: Do you sell bells?',
          '    agent: We do.',
          'keywords: [derailleur]',
        ),
      ).toEqual({
        ...agentDefaults,
        name: 'Sam at Corner Bikes',
        instructions: 'You are Sam.\nYou mend bicycles.',
        greeting: 'Corner Bikes, this is Sam.',
        examples: [
          { role: 'user', text: 'Do you sell bells?' },
          { role: 'assistant', text: 'We do.' },
        ],
        keywords: [{ text: 'derailleur', weight: 4 }],
      });
    });

    it('with instructions in a file beside it, and leaves nothing of the job that the default agent has', async () => {
      await writeFile(join(folder, 'agent.md'), '# Sam\n\nYou mend bicycles.\n');
      const sam = agentOf('instructions_file: agent.md');
      expect(sam).toMatchObject({ instructions: '# Sam\n\nYou mend bicycles.', examples: [], greeting: undefined });
      expect(JSON.stringify(sam)).not.toMatch(/coffee/i);
    });

    it('and what it does not say stays as it was', () => {
      expect(agentOf('greeting: Good morning, Harbour Coffee.')).toEqual({
        ...defaultAgent,
        greeting: 'Good morning, Harbour Coffee.',
      });
      expect(agentOf('greeting: false').greeting).toBeUndefined();
      const { definition } = parseParleyFile(good.replace('[aura-2-thalia-en]', '[thalia, apollo]'), 'x.yaml').agent;
      expect(definition).toEqual({ ...defaultAgent, voice: 'thalia' });
    });

    it.each([
      [['instructions: ""'], /:2:3: instructions: expected a text that is not empty, found ""/],
      [['instructions: Sell tea.', 'instructions_file: a.md'], /:3:3: instructions_file: expected instructions or/],
      [['instructions_file: a.md'], /:2:3: instructions_file: expected a text file .*a\.md is not there/],
      [['instructions_file: empty.md'], /:2:3: instructions_file: expected a text file .*empty\.md is empty/],
      [['instructions_file: long.md'], /:2:3: .* at most 65536 bytes, and .*long\.md has 65537 bytes/],
      [['instructions_file: noise.md'], /:2:3: .*noise\.md is not in UTF-8/],
      [['instructions_file: .'], /:2:3: instructions_file: expected a text file/],
      [['name: Sam'], /:2:3: name: expected instructions as well/],
      [['greeting: true'], /:2:3: greeting: expected a text of at most 512 bytes, or false .*, found true/],
      [['voice: lily'], /:2:3: voice: expected one of heart, found "lily"/],
      [['examples:', '  - caller: Hi'], /:3:7: agent: expected a text, which is missing/],
      [['example: []'], /:2:3: unknown key example: expected examples, or/],
    ])('or at which line that cannot be: %j', async (lines, expected) => {
      await writeFile(join(folder, 'empty.md'), ' \n');
      await writeFile(join(folder, 'long.md'), 'x'.repeat(65_537));
      await writeFile(join(folder, 'noise.md'), new Uint8Array([0xff, 0xfe, 0xfd]));
      expect(() => agentOf(...lines)).toThrow(expected);
    });
  });

  it('is what its guide shows', async () => {
    const guide = await readFile(new URL('../../docs/parley-yaml.md', import.meta.url), 'utf8');
    const shown = [...guide.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = '']) => yaml);
    expect(shown).toHaveLength(3);
    for (const yaml of shown) expect(problemsOf(yaml)).toBe('');
  });

  it('changes nothing where there is none, unless it was asked for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-file-'));
    try {
      const file = join(folder, 'parley.yaml');
      expect(await readParleyFile(file, { asked: false })).toBe(noParleyFile);
      await expect(readParleyFile(file, { asked: true })).rejects.toMatchObject({ code: 'settings.invalid' });
      await writeFile(file, good);
      expect((await readParleyFile(file, { asked: true })).models).toHaveLength(3);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
