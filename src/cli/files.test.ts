import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertWritable, prepareFolder, readNamedFile, writeWhole } from './files.js';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-files-'));
  await mkdir(at('sub'));
  await writeFile(at('letter.txt'), 'twelve bytes');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const options = { largestBytes: 20, code: 'test.unreadable', expected: 'a recording' };

describe('a file that the user names', () => {
  it('is read whole', async () => {
    expect(new TextDecoder().decode(await readNamedFile(at('letter.txt'), options))).toBe('twelve bytes');
  });

  it.each([
    ['a file that is not there', 'gone.wav', /gone\.wav cannot be read: it is not there; expected a recording\.$/],
    ['a folder', 'sub', /sub cannot be read: it is a folder; expected a recording\.$/],
    ['a path through a file', 'letter.txt/x', /letter\.txt\/x cannot be read: a part of its path is a file/],
  ])('is refused in plain words: %s', async (_, name, message) => {
    const refused = readNamedFile(at(name), options);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ code: 'test.unreadable' });
  });

  it('is refused when it is too large, whether it says so or goes on without end', async () => {
    await expect(readNamedFile(at('letter.txt'), { ...options, largestBytes: 11 })).rejects.toThrow(
      /has 12 bytes; expected a recording of at most 11/,
    );
    await expect(readNamedFile('/dev/zero', options)).rejects.toThrow(/has more than 20 bytes/);
  });
});

describe('a file that is written for the user', () => {
  it('is there whole, in the place of an older one, and nothing beside it', async () => {
    await writeWhole(at('sub/out.txt'), 'first');
    await assertWritable(at('sub/out.txt'));
    await writeWhole(at('sub/out.txt'), 'second');
    expect(await readFile(at('sub/out.txt'), 'utf8')).toBe('second');
    expect(await readdir(at('sub'))).toEqual(['out.txt']);
  });

  it('may be a device', async () => {
    await assertWritable('/dev/null');
    expect(await writeWhole('/dev/null', 'nothing')).toBe('/dev/null');
  });

  it.each([
    ['a folder', 'sub', /sub cannot be written: it is a folder; expected the name of a file/],
    ['a file in a folder that is not there', 'none/out.txt', /cannot be written: there is no folder .*none; expected/],
    ['a file in a file', 'letter.txt/out.txt', /cannot be written: a part of its path is a file/],
  ])('is refused before and after work was done for it: %s', async (_, name, message) => {
    await expect(assertWritable(at(name))).rejects.toThrow(message);
    await expect(writeWhole(at(name), '')).rejects.toThrow(message);
    expect((await readdir(folder)).sort()).toEqual(['letter.txt', 'sub']);
  });

  it('needs a folder, which is made, and is refused where a file is', async () => {
    await prepareFolder(at('sub/new/deep'));
    expect(await readdir(at('sub/new/deep'))).toEqual([]);
    await expect(prepareFolder(at('letter.txt'))).rejects.toThrow(
      /letter\.txt cannot be written to: there is a file of that name; choose another folder/,
    );
  });
});
