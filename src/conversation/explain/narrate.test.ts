import { describe, expect, it } from 'vitest';
import { eventLogSchema } from '../event-log.js';
import { LogPen } from '../event-log-fixture.js';
import { parseEventLog } from '../read-event-log.js';
import { tellCall } from './call-story.js';
import { narrate } from './narrate.js';

const told = (pen: LogPen, turn?: number, unfinished = false): string =>
  narrate(tellCall(parseEventLog(pen.text, { unfinished })), turn);

describe('a call in words', () => {
  it('says why a turn ended when it did, and what was made for nothing in a pause before', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.silence(512, { probability: 0.31, text: 'a coffee and' });
    pen.note({ type: 'draft-wasted', turn: 1, revision: 1, tokens: 12, audioMs: 640 });
    pen.speech(640);
    pen.tell({ type: 'timer', timer: 'dead-air' });
    pen.silence(480, { probability: 1, text: 'a coffee and a tea' });
    pen.note({ type: 'reply-text', reply: 0, text: 'Sure.' });
    pen.reply(960);
    pen.note({ type: 'reply-finished', reply: 0, status: 'completed', heard: 'Sure.', heardBasis: 'estimated' });
    pen.tell({ type: 'hung-up', reason: 'gone' });
    const text = told(pen);
    expect(text).toContain('call_1, 2026-01-01T00:00:00.000Z');
    expect(text).toContain('1 turn, ended: gone');
    expect(text).toContain('The end-of-turn model says 0.31 after 32 ms.');
    // The caller spoke by then: nothing was commanded for it.
    expect(text).not.toContain('Nothing had been audible');
    expect(text).toContain('The draft was discarded: 12 tokens and 640 ms of audio were made for nothing.');
    expect(text).toMatch(/The caller went on after a pause of \d+ ms: the turn had not ended\./);
    expect(text).toMatch(
      /The turn ended, 448 ms after the caller's last word: waited 420 ms: turn over 0\.\d\d \(end-of-turn 1\.00[^)]*\)\./,
    );
    expect(text).toContain('Reply 0 answers “a coffee and a tea”');
    expect(text).toContain('Reply 0 said: “Sure.”');
    expect(text).toContain('All of it was heard, to judge by what was sent.');
  });

  it('says when the agent was lowered, came back or was stopped, and why', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.silence(480, { probability: 1, text: 'a coffee' });
    pen.tell({ type: 'reply-audible', reply: 0 });
    pen.silence(960);
    pen.speech(128);
    pen.silence(640, { probability: 1, text: 'mm-hm' });
    pen.speech(640);
    pen.tell({ type: 'partial', turn: 3, text: 'no a tea please' });
    pen.note({ type: 'reply-finished', reply: 0, status: 'interrupted', heard: 'Sure', heardBasis: 'truncated' });
    pen.tell({ type: 'hung-up', reason: 'gone' });
    const text = told(pen);
    expect(text).toContain('Reply 0 was lowered: somebody speaks over it.');
    expect(text).toMatch(/Reply 0 came back to full level after \d+ ms\./);
    expect(text).toContain('It was no turn: it was too short for an interruption');
    expect(text).toContain('Reply 0 fell silent until it was known what the caller says over it.');
    expect(text).toContain('Reply 0 was stopped: the caller interrupted it, 640 ms after they began.');
    expect(text).toContain('ms after they began. Known of their words by then: “no a tea please”.');
    expect(text).toContain('or a noise. Its words: “mm-hm”.');
    expect(text).toContain('It was interrupted; heard: “Sure”, as the client says (truncated).');
  });

  it('says that a turn ended late because its transcript did not come', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.silence(960);
    pen.tell({ type: 'final', turn: 1, revision: 1, text: 'a coffee' });
    pen.tell({ type: 'hung-up', reason: 'gone' });
    expect(told(pen)).not.toContain('The turn ended');
    const late = new LogPen();
    late.tell({ type: 'begin', greeting: false });
    late.speech(640);
    late.silence(1_600);
    late.tell({ type: 'final', turn: 1, revision: 1, text: 'a coffee' });
    late.tell({ type: 'hung-up', reason: 'gone' });
    expect(told(late)).toContain(
      "1600 ms after the caller's last word: waited 1000 ms: no end-of-turn estimate, and then for the transcript.",
    );
  });

  it('says that a turn ended late because the words were read late', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.silence(640, { probability: 0.02, text: 'I would like a large coffee and' });
    expect(told(pen, 1, true)).not.toContain('The turn ended');
    pen.tell({ type: 'words-read', turn: 1, revision: 1, probability: 1 });
    expect(told(pen, 1, true)).toContain('), which was only known when the language model had read the words.');
  });

  it('tells keys as a turn of their own, which the reply to them follows', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    for (const digit of ['4', '2', '#']) pen.tell({ type: 'key', digit });
    pen.tell({ type: 'hung-up', reason: 'gone' });
    const text = told(pen);
    expect(text).toContain('2 turns');
    expect(text).toMatch(/Turn 1\n.*The agent is told: “pressed 4 2 #”/);
    expect(text).toMatch(/Turn 2\n.*Reply 0 answers what was pressed\./);
  });

  it('has words for every timer that does something', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.silence(480, { probability: 1, text: 'a coffee' });
    pen.tell({ type: 'reply-audible', reply: 0 });
    pen.silence(960);
    pen.speech(128);
    pen.tell({ type: 'timer', timer: 'overlap' });
    pen.tell({ type: 'hung-up', reason: 'gone' });
    expect(told(pen)).toContain('What is said over the reply had not become clear in time.');
  });

  it('tells what was written with the reply that answers it', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.silence(480, { probability: 1, text: 'a coffee' });
    pen.reply(960);
    pen.note({ type: 'message-written', id: 'a', role: 'system', text: 'It rains.', after: null });
    pen.note({ type: 'message-written', id: 'b', role: 'user', text: 'Make it two.' });
    pen.tell({ type: 'written', written: true });
    pen.tell({ type: 'client-respond' });
    pen.tell({ type: 'reply-audible', reply: 1 });
    pen.note({ type: 'message-written', id: 'c', role: 'assistant', text: 'Two, then.' });
    pen.tell({ type: 'hung-up', reason: 'gone' });
    expect(told(pen, 1)).not.toContain('Make it two.');
    const lines = told(pen, 2).split('\n').slice(3);
    expect(lines.map((line) => line.replace(/^ *[\d.]+ +/, ''))).toEqual([
      'Turn 2',
      'The agent was told in writing, to stand earlier in the conversation: “It rains.”',
      'The caller wrote: “Make it two.”',
      'Reply 1 was asked for by the client.',
      'The first words of reply 1 left.',
      'The client noted as words of the agent: “Two, then.”',
    ]);
    expect(told(pen)).toContain('From here on replies are written, not spoken.');
  });

  it('tells what tools gave, in short', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.silence(480, { probability: 1, text: 'will it rain' });
    pen.note({ type: 'tool-called', reply: 0, call: { callId: 'c1', name: 'weather', arguments: '{}' } });
    pen.tell({ type: 'client-respond' });
    pen.reply(320);
    pen.note({ type: 'tool-answered', callId: 'c1', output: '{"rain":true}' });
    pen.note({ type: 'tool-answered', callId: 'c2', output: 'x'.repeat(2_000) });
    pen.tell({ type: 'client-respond' });
    pen.tell({ type: 'hung-up', reason: 'gone' });
    expect(told(pen, 1)).toContain('The client asked for a reply, and got none of its own: one was under way');
    const text = told(pen, 2);
    expect(text).toContain('weather gave: {"rain":true}');
    expect(text).toMatch(/A call gave: x{500}… \(2000 characters in all\)/);
    expect(text).toContain('Reply 1 was asked for by the client.');
    expect(text).not.toContain('The client asked for a reply');
  });

  it('tells one turn alone when asked to, and says what a log of schema 1 lacks', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    for (const text of ['a coffee', 'a tea']) {
      pen.speech(640);
      pen.silence(480, { probability: 1, text });
      pen.reply(960);
    }
    pen.tell({ type: 'hung-up', reason: 'gone' });
    expect(told(pen, 2)).toContain('“a tea”');
    expect(told(pen, 2)).not.toContain('“a coffee”');
    const older = pen.text.replace(`"schema":${eventLogSchema}`, '"schema":1');
    expect(narrate(tellCall(parseEventLog(older)))).toContain('This log is of schema 1');
    expect(told(pen)).not.toContain('This log is of schema 1');
  });
});
