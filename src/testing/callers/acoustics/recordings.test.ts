import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fixtureRecordingsOf } from '../../../../test/fixtures/recordings.js';
import { speechLevelDb } from './caller-sound.js';
import { readCallerSound, readSpeechLabels } from './recordings.js';

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((dir) => rm(dir, { recursive: true }))));

async function table(text: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'labels-'));
  folders.push(dir);
  await writeFile(join(dir, 'speech.tsv'), text);
  return dir;
}

describe('labelled recordings', () => {
  it('say where speech is, whatever the order of the columns', async () => {
    const labels = await readSpeechLabels(
      await table(
        'speech_end_ms\tfile\tmore\tspeech_start_ms\n900\ta.wav\tx\t100\n\tunknown.wav\t\t\n80.5\tb.wav\t\t0\n',
      ),
    );
    expect([...labels]).toEqual([
      ['a.wav', { startMs: 100, endMs: 900 }],
      ['b.wav', { startMs: 0, endMs: 80.5 }],
    ]);
  });

  it.each([
    ['without its columns', 'file\tstart\n', /speech\.tsv, line 1: expected a header/],
    [
      'with a word for a number',
      'file\tspeech_start_ms\tspeech_end_ms\na\t0\t1\nb\tx\t2\n',
      /line 3: expected two numbers/,
    ],
    ['with a cell missing', 'file\tspeech_start_ms\tspeech_end_ms\na\t5\n', /line 2: expected two numbers/],
    ['with an end before its start', 'file\tspeech_start_ms\tspeech_end_ms\na\t9\t5\n', /line 2: expected two numbers/],
  ])('are refused %s', async (_, text, message) => {
    await expect(readSpeechLabels(await table(text))).rejects.toThrow(message);
  });

  it('become callers at 16 kHz', async () => {
    for (const { path, speechStartMs, speechEndMs, durationMs } of fixtureRecordingsOf('digit')) {
      const sound = await readCallerSound(path, [{ startMs: speechStartMs, endMs: speechEndMs }]);
      expect(Math.abs(sound.samples.length - durationMs * 16)).toBeLessThan(32);
      expect(sound.rateHz).toBe(16_000);
      expect(speechLevelDb(sound)).toBeGreaterThan(-40);
    }
  });
});
