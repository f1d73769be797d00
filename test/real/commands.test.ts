import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../../src/audio/wav.js';
import { fixtureRecordingsOf } from '../fixtures/recordings.js';
import { modelsAreSkipped } from '../support/models.js';
import { runParley } from '../support/run-parley.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(modelsAreSkipped(2))('the command line, with the real engines', () => {
  it('"say" writes a WAV file that "transcribe" understands', async () => {
    const file = join(folder, 'said.wav');
    const said = await runParley(['say', 'Your order will be ready in ten minutes.', '--out', file]);
    expect(said.stderr).toMatch(/said\.wav/);
    expect(said.code).toBe(0);
    const { channels, rateHz } = readWav(new Uint8Array(await readFile(file)));
    expect([channels.length, rateHz]).toEqual([1, 24_000]);
    const { stdout } = await runParley(['transcribe', file]);
    expect(stdout).toMatch(/order will be ready in (ten|10) minutes/i);
  }, 600_000);

  it('"transcribe --json" gives one document with the words in order', async () => {
    const [sentence] = fixtureRecordingsOf('sentence');
    if (!sentence) throw new Error('The recordings have no sentence.');
    const { stdout, code } = await runParley(['transcribe', sentence.path, '--json']);
    expect(code).toBe(0);
    const { text, words } = JSON.parse(stdout) as {
      text: string;
      words: { text: string; startMs: number; endMs: number }[];
    };
    const expected = new Set(sentence.transcript.toLowerCase().split(/\W+/));
    const heard = text.toLowerCase().split(/\W+/);
    expect(heard.filter((word) => expected.has(word)).length).toBeGreaterThan(0.7 * expected.size);
    expect(words.map((word) => word.text).join(' ')).toBe(text);
    for (const [index, word] of words.entries()) {
      expect(word.endMs).toBeGreaterThanOrEqual(word.startMs);
      expect(word.startMs).toBeGreaterThanOrEqual(words[index - 1]?.startMs ?? 0);
    }
  }, 600_000);
});
