import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultAutoGain } from '../conversation/listen/treatment-settings.js';
import { isLoopback, readSettings } from './settings.js';

const key = 'a-long-enough-key';

describe('settings', () => {
  it('names every variable that cannot be used, and what it expects', () => {
    const read = () => readSettings({ PARLEY_PORT: 'http', PARLEY_TLS: 'perhaps', PARLEY_SECRET: 'short' });
    expect(read).toThrow(/PARLEY_PORT: expected a whole number/);
    expect(read).toThrow(/PARLEY_TLS: expected on or off/);
    expect(read).toThrow(/PARLEY_SECRET: expected at least 32 characters/);
  });

  it('takes an empty variable for an absent one', () => {
    expect(readSettings({ PARLEY_API_KEY: '', PARLEY_TLS: '' })).toMatchObject({ apiKey: undefined, tls: undefined });
  });

  it('leaves callers as they sound, unless a treatment is asked for', () => {
    expect(readSettings({}).treatment).toBeUndefined();
    expect(readSettings({ PARLEY_DENOISE: 'on' }).treatment).toEqual({ denoise: true });
    expect(readSettings({ PARLEY_AUTO_GAIN: 'on' }).treatment).toEqual({ denoise: false, gain: defaultAutoGain });
    expect(() => readSettings({ PARLEY_DENOISE: 'some' })).toThrow(/PARLEY_DENOISE/);
  });

  it.each(['0.0.0.0', '::', '192.168.1.10', 'parley.example', '127.example.com'])(
    'refuses to listen at %s without a key',
    (host) => {
      expect(() => readSettings({ PARLEY_HOST: host })).toThrow(/PARLEY_HOST: .*PARLEY_API_KEY/);
      expect(readSettings({ PARLEY_HOST: host, PARLEY_API_KEY: key }).host).toBe(host);
    },
  );

  it.each(['127.0.0.1', '127.8.9.1', 'localhost', 'LOCALHOST', '::1', '[::1]'])('needs no key at %s', (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(readSettings({ PARLEY_HOST: host }).host).toBe(host);
  });

  it('uses certificate files that are named, and makes a certificate when there are none', () => {
    const files = { PARLEY_TLS_CERT: 'cert.pem', PARLEY_TLS_KEY: 'key.pem' };
    expect(readSettings({}).tls).toBeUndefined();
    expect(readSettings({ PARLEY_TLS: 'on' }).tls).toEqual({ files: undefined });
    expect(readSettings(files).tls).toEqual({ files: { cert: 'cert.pem', key: 'key.pem' } });
    expect(readSettings({ ...files, PARLEY_TLS: 'off' }).tls).toBeUndefined();
  });

  it('refuses half of a certificate', () => {
    expect(() => readSettings({ PARLEY_TLS_CERT: 'cert.pem' })).toThrow(/PARLEY_TLS_KEY: expected a PEM file too/);
    expect(() => readSettings({ PARLEY_TLS_KEY: 'key.pem' })).toThrow(/PARLEY_TLS_CERT: expected a PEM file too/);
  });
});

describe('a server that other computers can reach', () => {
  const exposed = { PARLEY_HOST: '0.0.0.0' };

  it('is refused without a key, and left to the database where that may have keys', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-settings-'));
    try {
      const read = (env: Record<string, string>) => readSettings({ ...exposed, PARLEY_DATA_DIR: dataDir, ...env });
      expect(() => read({})).toThrow(/expected PARLEY_API_KEY as well/);
      expect(read({ PARLEY_API_KEY: key }).apiKey).toBe(key);
      const databaseUrl = 'postgres://parley@localhost/parley';
      expect(read({ DATABASE_URL: databaseUrl }).databaseUrl).toBe(databaseUrl);
      expect(() => read({ DATABASE_URL: 'mysql://localhost/parley' })).toThrow(/DATABASE_URL: expected postgres:/);
      await mkdir(join(dataDir, 'db'));
      expect(read({}).apiKey).toBeUndefined();
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });
});
