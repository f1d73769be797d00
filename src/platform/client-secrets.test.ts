import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createClientSecrets } from './client-secrets.js';
import { serverKey } from './server-key.js';

const key = new Uint8Array(32).fill(7);
const at = (seconds: number) => () => seconds * 1_000;

describe('client secrets', () => {
  it('carry what is bound to them to any node with the same key', () => {
    const bound = { instructions: 'Sei höflich. 🙂', audio: { output: { voice: 'heart' } } };
    const secret = createClientSecrets({ key, now: at(100) }).issue({ bound, expiresAtS: 160 });
    // What a subprotocol's name may consist of.
    expect(secret).toMatch(/^ek_[A-Za-z0-9_.-]+$/);
    expect(createClientSecrets({ key, now: at(159) }).open(secret)).toEqual({
      bound,
      expiresAtS: 160,
      keyId: undefined,
    });
  });

  it('end when they expire', () => {
    const secret = createClientSecrets({ key, now: at(100) }).issue({ bound: {}, expiresAtS: 160 });
    expect(createClientSecrets({ key, now: at(160) }).open(secret)).toEqual({ problem: 'expired' });
  });

  it('are worth nothing with another key, or when a character is changed', () => {
    const secrets = createClientSecrets({ key, now: at(100) });
    const secret = secrets.issue({ bound: {}, expiresAtS: 160 });
    const other = createClientSecrets({ key: new Uint8Array(32).fill(8), now: at(100) });
    expect(other.open(secret)).toEqual({ problem: 'unknown' });
    const [body = '', signature = ''] = secret.split('.');
    const swapped = (text: string, i: number): string =>
      `${text.slice(0, i)}${text[i] === 'A' ? 'B' : 'A'}${text.slice(i + 1)}`;
    for (let i = 3; i < body.length; i++)
      expect(secrets.open(`${swapped(body, i)}.${signature}`)).toEqual({ problem: 'unknown' });
    expect(secrets.open(`${body}.${swapped(signature, 5)}`)).toEqual({ problem: 'unknown' });
    for (const rubbish of ['', 'ek_', 'ek_.', 'ek_a.b', body, `${secret.slice(3)}`, `ek_${'a'.repeat(10_000)}.b`])
      expect(secrets.open(rubbish)).toEqual({ problem: 'unknown' });
  });

  it('refuse a configuration that a header does not take, and take ordinary pages', () => {
    const secrets = createClientSecrets({ key });
    const words = Array.from({ length: 6_000 }, (_, i) => `word${(i * 7919) % 5_000}`);
    const issue = (count: number) => secrets.issue({ bound: words.slice(0, count).join(' '), expiresAtS: 1 });
    expect(issue(1_000).length).toBeLessThan(7_000);
    expect(() => issue(6_000)).toThrow(/bind less to the secret/);
  });
});

describe("a server's key", () => {
  it('is made once in the data folder, for nobody else to read', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-key-'));
    try {
      const nodes = await Promise.all([1, 2, 3].map(() => serverKey({ secret: undefined, dataDir })));
      const path = join(dataDir, 'server.key');
      await chmod(path, 0o644);
      const again = await serverKey({ secret: undefined, dataDir });
      for (const node of nodes) expect(node).toEqual(again);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await serverKey({ secret: 'a secret that the nodes of a service share', dataDir })).not.toEqual(again);
      await writeFile(path, (await readFile(path, 'utf8')).slice(0, 10));
      expect(await serverKey({ secret: undefined, dataDir })).not.toEqual(again);
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });

  it('follows from the secret that nodes share, wherever their data is', async () => {
    const secret = 'a secret that the nodes of a service share';
    const [one, other] = await Promise.all(
      ['/nowhere/a', '/nowhere/b'].map((dataDir) => serverKey({ secret, dataDir })),
    );
    expect(one).toEqual(other);
  });
});
