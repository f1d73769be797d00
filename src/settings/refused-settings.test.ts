import { describe, expect, it } from 'vitest';
import { readSettings } from './settings.js';

describe('settings that cannot be used', () => {
  it.each([
    ['PARLEY_PORT', ['-1', '65536', '8787.5', '0x10', 'http', ' 1', '1e3', 'NaN', '9'.repeat(400)]],
    ['PARLEY_MAX_CALLS', ['0', '65', '-2', 'two', 'Infinity']],
    ['PARLEY_DRAIN_MS', ['-1', '3600001', '30s', '1,000']],
    ['PARLEY_LOG_LEVEL', ['verbose', 'INFO', 'true']],
    ['PARLEY_LOG_WORDS', ['yes', '1', 'ON']],
    ['PARLEY_API_KEY', ['short']],
  ])('are named with what is expected: %s', (name, values) => {
    for (const value of values) {
      const read = () => readSettings({ [name]: value });
      expect(read, value).toThrow(expect.objectContaining({ code: 'settings.invalid' }));
      expect(read, value).toThrow(`${name}: expected `);
    }
  });

  it('are refused without repeating a key', () => {
    expect(() => readSettings({ PARLEY_API_KEY: 'hush' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hush') }),
    );
  });

  it('are named all at once', () => {
    const read = () => readSettings({ PARLEY_PORT: 'x', PARLEY_MAX_CALLS: 'y' });
    expect(read).toThrow(/PARLEY_PORT.*\n.*PARLEY_MAX_CALLS/);
  });
});
