import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCallFiles } from './call-archive.js';
import { callLimits } from './call-limits.js';

describe('the files of a call', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'parley-archive-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('hold all that was written once they are closed', async () => {
    const files = await openCallFiles(dataDir, 'call_1');
    for (let i = 0; i < 1_000; i++) files.events.write(`line ${i}`);
    files.recording.write(new Uint8Array(100_000));
    await files.close('{"turns":3}');
    expect(files.failed()).toBeUndefined();
    expect(await readFile(join(files.dir, 'summary.json'), 'utf8')).toBe('{"turns":3}');
    expect((await readFile(join(files.dir, 'events.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(1_000);
    expect(await readFile(join(files.dir, 'recording.wav'))).toHaveLength(100_000);
  });

  it('stop growing at their limit, each by itself and at the end of a whole piece', async () => {
    const files = await openCallFiles(dataDir, 'call_1', { ...callLimits, maxRecordingBytes: 1_000 });
    for (let i = 0; i < 10; i++) files.recording.write(new Uint8Array(300));
    files.events.write('still written');
    await files.close();
    expect(files.failed()?.message).toContain('recording.wav');
    expect(await readFile(join(files.dir, 'recording.wav'))).toHaveLength(900);
    expect(await readFile(join(files.dir, 'events.jsonl'), 'utf8')).toBe('still written\n');
  });

  it('give up what a slow disk cannot take instead of keeping it in memory', async () => {
    const files = await openCallFiles(dataDir, 'call_1', { ...callLimits, maxUnwrittenBytes: 10_000 });
    for (let i = 0; i < 100; i++) files.recording.write(new Uint8Array(1_000));
    await files.close();
    expect(files.failed()?.message).toContain('bytes behind');
    expect((await readFile(join(files.dir, 'recording.wav'))).length).toBeLessThan(12_000);
  });
});
