import { describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from './log.js';

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({ level: 'info', secrets: [], write: (line) => lines.push(line), ...options });
  return { log, lines };
}

describe('the log', () => {
  it('never contains a secret, however it got into a line', () => {
    const secret = 'key"with\\marks';
    const { log, lines } = capture({ secrets: [secret] });
    log.error({ detail: `refused ${secret}`, deep: { header: `Bearer ${secret}` } }, `bad ${secret}`);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      detail: 'refused [secret]',
      deep: { header: 'Bearer [secret]' },
      msg: 'bad [secret]',
    });
  });

  it('never contains a client secret, which nobody has to name', () => {
    const { log, lines } = capture();
    log.warn({ detail: `Bearer ek_${'a1B2-_.'.repeat(40)}` }, 'refused (a week_long_underscored_word_is_none)');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      detail: 'Bearer [secret]',
      msg: 'refused (a week_long_underscored_word_is_none)',
    });
  });

  it('contains what is said only where that was asked for', () => {
    const said = { callId: 'call_1', text: 'my name is Ada' };
    const without = capture({ level: 'debug' });
    without.log.words(said, 'the caller said');
    expect(without.lines).toEqual([]);
    const wanted = capture({ words: true });
    wanted.log.words(said, 'the caller said');
    expect(JSON.parse(wanted.lines[0] ?? '')).toMatchObject({ ...said, msg: 'the caller said' });
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = capture({ level: 'warn' });
    log.info({}, 'call begins');
    log.warn({}, 'a host died');
    expect(lines).toHaveLength(1);
  });
});
