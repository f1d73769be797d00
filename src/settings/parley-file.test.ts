import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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
