import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Token } from 'node-llama-cpp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PrefixStore } from './prefix-store.js';

const tokens = (...ids: number[]): Token[] => ids as Token[];
const write = (path: string): Promise<void> => writeFile(path, 'state');
let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'parley-prefixes-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('prefix store', () => {
  it('names a state by model and tokens, so that none is taken for another', () => {
    const store = new PrefixStore(dir, 'model-a:1');
    expect(store.fileOf(tokens(1, 2))).toBe(store.fileOf(tokens(1, 2)));
    expect(store.fileOf(tokens(1, 2))).not.toBe(store.fileOf(tokens(12)));
    expect(store.fileOf(tokens(1, 2))).not.toBe(new PrefixStore(dir, 'model-b:1').fileOf(tokens(1, 2)));
  });

  it('shows a state only when all of it is written', async () => {
    const store = new PrefixStore(join(dir, 'new'), 'm');
    const file = store.fileOf(tokens(1));
    expect(await store.has(file)).toBe(false);
    const broken = store.save(file, async (temporary) => {
      await write(temporary);
      throw new Error('the disk is full');
    });
    await expect(broken).rejects.toThrow('the disk is full');
    expect(await store.has(file)).toBe(false);
    await store.save(file, write);
    expect(await store.has(file)).toBe(true);
    await store.remove(file);
    expect(await store.has(file)).toBe(false);
  });

  it('keeps the 24 states that were used last', async () => {
    const store = new PrefixStore(dir, 'm');
    const files = Array.from({ length: 24 }, (_, i) => store.fileOf(tokens(i)));
    for (const [i, file] of files.entries()) {
      await store.save(file, write);
      await utimes(file, new Date(1_000_000 + i * 1_000), new Date(1_000_000 + i * 1_000));
    }
    const oldest = files[0] as string;
    const second = files[1] as string;
    expect(await store.has(oldest)).toBe(true);
    await store.save(store.fileOf(tokens(99)), write);
    const kept = (await readdir(dir)).map((name) => join(dir, name));
    expect(kept).toHaveLength(24);
    expect(kept).toContain(oldest);
    expect(kept).not.toContain(second);
  });
});
