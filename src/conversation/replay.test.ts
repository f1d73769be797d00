import { describe, expect, it } from 'vitest';
import { edited, logged } from './event-log-fixture.js';
import { parseEventLog } from './read-event-log.js';
import { replay } from './replay.js';

describe('replay', () => {
  it('a log replays to the same commands', () => {
    const report = replay(parseEventLog(logged()));
    expect(report).toMatchObject({ callId: 'call_1', events: 49, differences: [], disagreements: [] });
    expect(report.commands).toBeGreaterThan(8);
  });

  it('an edited event is reported with the record where the commands came out otherwise', () => {
    let finalSeq = 0;
    const text = edited((record) => {
      if (record.type !== 'event' || record.event.type !== 'final') return record;
      finalSeq = record.seq;
      return { ...record, event: { ...record.event, text: 'a “tea”, please' } };
    });
    const { differences } = replay(parseEventLog(text));
    expect(differences[0]).toMatchObject({
      seq: finalSeq,
      event: 'final',
      logged: [{ type: 'draft', text: 'a “coffee”, please' }],
      replayed: [{ type: 'draft', text: 'a “tea”, please' }],
    });
    expect(differences).toHaveLength(2);
  });

  it('an edited command is reported with the event that caused it', () => {
    let cause = 0;
    const text = edited((record) => {
      if (record.type !== 'command' || record.command.type !== 'commit') return record;
      cause = record.cause;
      return { ...record, command: { ...record.command, text: 'a tea' } };
    });
    expect(replay(parseEventLog(text)).differences.map((each) => each.seq)).toEqual([cause]);
  });

  it('a command that failed, or whose object was gone, is a disagreement', () => {
    const text = edited((record) =>
      record.type === 'effect' && record.of === 2 ? { ...record, outcome: 'stale' } : record,
    );
    expect(replay(parseEventLog(text)).disagreements).toEqual([
      { seq: 2, command: 'arm', why: 'what it was about was gone' },
    ]);
    const failed = edited((record) =>
      record.type === 'effect' && record.of === 2 ? { ...record, outcome: 'failed', detail: 'no clock' } : record,
    );
    expect(replay(parseEventLog(failed)).disagreements).toEqual([{ seq: 2, command: 'arm', why: 'no clock' }]);
  });

  it('a log that was cut between an event and all that it caused differs in nothing', () => {
    const lines = logged().trimEnd().split('\n');
    const causes = lines.flatMap((line, at) => (/"type":"command"/.test(line) ? [at] : []));
    expect(causes.length).toBeGreaterThan(8);
    for (const at of causes)
      for (const end of [at, at + 1]) {
        const cut = parseEventLog(`${lines.slice(0, end).join('\n')}\n`, { unfinished: true });
        const { differences, disagreements } = replay(cut);
        expect([differences, disagreements.filter(({ why }) => why === 'no effect was recorded')]).toEqual([[], []]);
      }
  });

  it('a reply that was begun and never heard, stopped or ended is a disagreement', () => {
    const lines = logged().trimEnd().split('\n');
    const commit = lines.findIndex((line) => line.includes('"type":"commit"'));
    const text = `${lines.slice(0, commit + 4).join('\n')}\n`;
    expect(replay(parseEventLog(text, { unfinished: true })).disagreements).toEqual([
      expect.objectContaining({ command: 'commit', why: 'reply 0 was neither heard nor stopped' }),
    ]);
  });
});
