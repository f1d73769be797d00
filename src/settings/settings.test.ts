import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.js';

describe('the settings', () => {
  it('have defaults, and an empty variable counts as absent', () => {
    expect(readSettings({})).toMatchObject({
      port: 8_787,
      host: '127.0.0.1',
      apiKey: undefined,
      maxCalls: 2,
      drainMs: 30_000,
      logLevel: 'info',
      logWords: false,
    });
    expect(readSettings({ PARLEY_PORT: '', PARLEY_API_KEY: '' })).toEqual(readSettings({}));
  });

  it.each([
    ['PARLEY_PORT', ['-1', '65536', '8787.5', '0x10', 'http', ' 1', '1e3', 'NaN', '9'.repeat(400)]],
    ['PARLEY_MAX_CALLS', ['0', '65', '-2', 'two', 'Infinity']],
    ['PARLEY_DRAIN_MS', ['-1', '3600001', '30s', '1,000']],
    ['PARLEY_LOG_LEVEL', ['verbose', 'INFO', 'true']],
    ['PARLEY_LOG_WORDS', ['yes', '1', 'ON']],
    ['PARLEY_API_KEY', ['short']],
  ])('name what is wrong: %s', (name, values) => {
    for (const value of values) {
      const read = () => readSettings({ [name]: value });
      expect(read, value).toThrow(expect.objectContaining({ code: 'settings.invalid' }));
      expect(read, value).toThrow(`${name}: expected `);
    }
  });

  it('never repeat a key that is refused', () => {
    expect(() => readSettings({ PARLEY_API_KEY: 'hush' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hush') }),
    );
  });

  it('name all that is wrong at once', () => {
    const read = () => readSettings({ PARLEY_PORT: 'x', PARLEY_MAX_CALLS: 'y' });
    expect(read).toThrow(/PARLEY_PORT.*\n.*PARLEY_MAX_CALLS/);
  });
});
