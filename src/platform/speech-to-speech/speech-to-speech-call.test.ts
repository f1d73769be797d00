import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readWav } from '../../audio/wav.js';
import { tellCall } from '../../conversation/explain/call-story.js';
import { narrate } from '../../conversation/explain/narrate.js';
import { recordedCall } from '../../conversation/explain/recorded-turns.js';
import { parseEventLog } from '../../conversation/read-event-log.js';
import { replay } from '../../conversation/replay.js';
import type { SessionEvent } from '../../conversation/session-events.js';
import { createLog } from '../../observability/log.js';
import { ParleyError } from '../../ports/errors.js';
import type { SpeechToSpeechEvent } from '../../ports/speech-to-speech.js';
import { ScriptedTransport } from '../../testing/scripted-transport.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import type { AdmittedCall, CallFacts } from '../admission-types.js';
import { SpeechToSpeechAdmission } from './admit-speech-to-speech.js';
import { ScriptedSpeechToSpeech } from './scripted-speech-to-speech-fixture.js';

const calls: AdmittedCall[] = [];
const folders: string[] = [];
afterEach(async () => {
  const open = calls.splice(0);
  for (const call of open) call.controls.hangUp('the test is over');
  await Promise.all(open.map(({ done }) => done));
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function begin(facts: Partial<CallFacts> = {}, maxCalls = 4) {
  const clock = new VirtualClock();
  const engine = new ScriptedSpeechToSpeech();
  const transport = new ScriptedTransport({ clock, inputRateHz: 24_000 });
  const events: SessionEvent[] = [];
  const log = createLog({ level: 'silent', secrets: [] });
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-held-'));
  folders.push(dataDir);
  const about = { instructions: 'Sell.', greeting: 'Hello!', dataDir, clock, log, maxCalls };
  const admission = new SpeechToSpeechAdmission(about);
  const call = await admission.admitTo(engine)({ source: 'waves-s2s', ...facts }, transport, (event) =>
    events.push(event),
  );
  calls.push(call);
  await clock.settle();
  const tell = async (...told: SpeechToSpeechEvent[]): Promise<void> => {
    engine.tell(...told);
    await clock.settle();
  };
  /** What is stored of the call, once it is over. */
  const stored = async () => {
    call.controls.hangUp('enough');
    await call.done;
    const folder = join(dataDir, 'calls', call.callId);
    const read = (name: string) => readFile(join(folder, name));
    const log = parseEventLog((await read('events.jsonl')).toString('utf8'));
    const summary: unknown = JSON.parse((await read('summary.json')).toString('utf8'));
    return { log, summary, recording: readWav(await read('recording.wav')) };
  };
  return { clock, engine, transport, events, call, admission, dataDir, tell, stored };
}

const audio = (reply: string, ms: number): SpeechToSpeechEvent => ({
  type: 'audio',
  reply,
  samples: new Float32Array(ms * 24).fill(0.2),
  rateHz: 24_000,
});
const marks = { eouDelayMs: 320, sttFinalMs: 500, llmFirstTokenMs: 560, ttsFirstAudioMs: 610 };
const finished = (reply: string): SpeechToSpeechEvent => ({
  type: 'reply-finished',
  reply,
  status: 'complete',
  usage: { inputTokens: 90, outputTokens: 30 },
  marks,
});
const turn: SpeechToSpeechEvent[] = [
  { type: 'speech-started', atMs: 200 },
  { type: 'speech-stopped', atMs: 1_400 },
];
const typesOf = (events: readonly SessionEvent[]): string[] => events.map(({ type }) => type);

describe('a call that a realtime model holds', () => {
  it('is told as any other call is, with the marks that others have', async () => {
    const { clock, events, tell, transport } = await begin({ greeting: false });
    await tell(
      ...turn,
      { type: 'caller-text', turn: 'u1', text: 'A coffee.', final: true },
      { type: 'reply-started', reply: 'r1' },
      { type: 'agent-text', reply: 'r1', text: 'Sure, on' },
      { type: 'agent-text', reply: 'r1', text: 'e coffee.' },
      audio('r1', 600),
      finished('r1'),
    );
    await clock.advance(2_000);
    expect(events).toMatchObject([
      { type: 'speech-started', turn: 1, startMs: 200 },
      { type: 'speech-paused', turn: 1, endMs: 1_400 },
      { type: 'turn-committed', turn: 1, text: 'A coffee.', endMs: 1_400 },
      { type: 'reply-started', reply: 1, turn: 1 },
      { type: 'reply-text', text: 'Sure,' },
      { type: 'reply-text', text: 'one' },
      { type: 'reply-text', text: 'coffee.' },
      {
        type: 'turn-measured',
        marks: {
          turn: 1,
          reply: 1,
          responseLatencyMs: 610,
          eouDelayMs: 320,
          agentOnsetAudioMs: 2_010,
          sttFinalMs: 500,
        },
      },
      {
        type: 'reply-finished',
        status: 'completed',
        heard: 'Sure, one coffee.',
        tokens: { computed: 90, generated: 30 },
      },
    ]);
    expect(transport.sent.reduce((sum, { samples }) => sum + samples.length, 0)).toBe(600 * 24);
  });

  it('sends no audio before it is due, whatever the model sends at once, and a reply is over when it was heard', async () => {
    const { clock, events, tell, transport } = await begin({ greeting: false });
    await tell({ type: 'reply-started', reply: 'r1' }, audio('r1', 3_000), finished('r1'));
    const sentMs = (): number => transport.sent.reduce((sum, { samples }) => sum + samples.length, 0) / 24;
    expect(sentMs()).toBeLessThanOrEqual(100);
    await clock.advance(1_000);
    expect(Math.abs(sentMs() - 1_080)).toBeLessThanOrEqual(20);
    expect(typesOf(events)).not.toContain('reply-finished');
    await clock.advance(2_100);
    expect([sentMs(), typesOf(events).at(-1)]).toEqual([3_000, 'reply-finished']);
  });

  it('is interrupted: what was not heard is dropped, and the model forgets it', async () => {
    const { clock, engine, events, tell, transport } = await begin({ greeting: false });
    await tell(
      { type: 'reply-started', reply: 'r1' },
      { type: 'agent-text', reply: 'r1', text: 'one two three four five six seven eight nine ten' },
      audio('r1', 4_000),
      finished('r1'),
    );
    await clock.advance(1_000);
    const sent = transport.sent.length;
    await tell({ type: 'speech-started', atMs: 1_000 });
    await clock.advance(3_000);
    expect(transport.sent).toHaveLength(sent);
    expect(events.find(({ type }) => type === 'reply-finished')).toMatchObject({
      status: 'interrupted',
      heard: 'one two three',
    });
    expect(engine.got).toMatchObject([{ type: 'heard', reply: 'r1', playedMs: 1_000 }]);
  });

  it('tells words of a turn that come when its reply has begun, or when the next turn has', async () => {
    const { events, tell } = await begin({ greeting: false });
    await tell(...turn, { type: 'reply-started', reply: 'r1' });
    await tell(
      { type: 'speech-started', atMs: 3_000 },
      { type: 'caller-text', turn: 'u1', text: 'A coffee.', final: true },
    );
    await tell(
      { type: 'speech-stopped', atMs: 4_000 },
      { type: 'caller-text', turn: 'u2', text: 'Or tea.', final: true },
    );
    const told = events.filter(({ type }) => type === 'turn-committed' || type === 'turn-transcribed');
    expect(told).toMatchObject([
      { type: 'turn-committed', turn: 1, text: '', reply: 1 },
      { type: 'turn-transcribed', turn: 1, text: 'A coffee.' },
      { type: 'turn-committed', turn: 2, text: 'Or tea.' },
    ]);
  });

  it('has its tools called by whoever brought it in, and is answered once for all results', async () => {
    const tools = [{ name: 'book', description: 'Books.', parameters: { type: 'object' } }];
    const { clock, engine, events, tell, call } = await begin({ greeting: false, toolbox: { tools, choice: 'auto' } });
    expect(engine.conversation?.tools).toEqual(tools);
    await tell(
      { type: 'reply-started', reply: 'r1' },
      { type: 'tool-call', reply: 'r1', call: 'f1', name: 'book', arguments: '{}' },
    );
    await tell(finished('r1'));
    expect(events).toMatchObject([
      { type: 'reply-started' },
      { type: 'tool-called', reply: 1, call: { callId: 'f1', name: 'book', arguments: '{}' } },
      { type: 'reply-finished', status: 'completed' },
    ]);
    call.controls.addResult({ callId: 'f1', output: 'done' });
    call.controls.addResult({ callId: 'f2', output: 'done too' });
    call.controls.respond();
    call.controls.setTools({ tools: [], choice: 'auto' });
    await clock.settle();
    expect(engine.got).toMatchObject([
      { type: 'tool-result', call: 'f1', respond: false },
      { type: 'tool-result', call: 'f2', respond: false },
      { type: 'respond' },
      { type: 'tools', tools: [] },
    ]);
  });

  it('is cancelled by the client', async () => {
    const { clock, engine, events, tell, call } = await begin({ greeting: false });
    await tell({ type: 'reply-started', reply: 'r1' }, audio('r1', 1_000));
    call.controls.cancelReply();
    await clock.settle();
    expect(engine.got).toEqual([{ type: 'cancel' }]);
    expect(events.at(-1)).toMatchObject({ type: 'reply-finished', status: 'cancelled' });
  });

  it('has the instructions, voice and greeting that it is given, or the usual ones', async () => {
    const usual = await begin();
    expect(usual.engine.conversation).toMatchObject({ instructions: 'Sell.' });
    expect(usual.engine.got).toMatchObject([{ type: 'respond', instructions: expect.stringContaining('Hello!') }]);
    const own = await begin({ instructions: 'Buy.', voice: 'cedar' });
    expect(own.engine.conversation).toMatchObject({ instructions: 'Buy.', voice: 'cedar' });
    expect(own.engine.got).toEqual([]);
  });

  it('hears the caller', async () => {
    const { clock, engine, transport } = await begin({ greeting: false });
    transport.connect();
    await clock.advance(1_000);
    expect(Math.abs(engine.heardSamples - 24_000)).toBeLessThanOrEqual(960);
  });

  it('ends with its model, which says why, and with its caller', async () => {
    const { engine, events, call, tell } = await begin({ greeting: false });
    await tell({ type: 'reply-started', reply: 'r1' }, { type: 'reply-started', reply: 'r2' });
    engine.fail(new ParleyError('The service broke off.', { code: 'remote.cut_off' }));
    await call.done;
    expect(events.slice(2)).toMatchObject([
      { type: 'problem', code: 'remote.cut_off' },
      { type: 'reply-finished', reply: 1, status: 'failed' },
      { type: 'reply-finished', reply: 2, status: 'failed' },
      { type: 'ended' },
    ]);
    const other = await begin({ greeting: false });
    other.call.controls.hangUp('enough');
    await other.call.done;
    expect(other.events).toEqual([{ type: 'ended', reason: 'enough' }]);
    expect(other.engine.conversation?.signal.aborted).toBe(true);
  });

  it('is refused when there are as many as there may be, and gives its place back', async () => {
    const { admission, call, transport } = await begin({ greeting: false }, 1);
    const admit = admission.admitTo(new ScriptedSpeechToSpeech());
    await expect(admit({ source: 'waves-s2s' }, transport, () => {})).rejects.toMatchObject({ code: 'calls.full' });
    call.controls.hangUp('enough');
    await call.done;
    expect(admission.noRoom()).toBeUndefined();
  });

  it('opens no file of a call whose audio cannot be brought to the rate of recordings', async () => {
    const { admission, transport, call, dataDir } = await begin({ greeting: false });
    const admit = admission.admitTo(new ScriptedSpeechToSpeech());
    const at = Object.assign(Object.create(transport) as ScriptedTransport, { outputRateHz: 0.5 });
    await expect(admit({ source: 'waves-s2s' }, at, () => {})).rejects.toThrow(/0\.5/);
    expect(await readdir(join(dataDir, 'calls'))).toEqual([call.callId]);
    expect(admission.live).toBe(1);
  });

  it('says what cannot be done in it', async () => {
    const { call } = await begin({ greeting: false });
    expect(() => call.controls.setInstructions('Be long.')).toThrow(/realtime model/);
  });

  it('is kept as any other: both sides where they were heard, and what was said, called, heard and measured', async () => {
    const { clock, tell, transport, call, stored } = await begin({ greeting: false });
    transport.connect();
    void transport.say(new Float32Array(24_000).fill(0.4));
    await clock.advance(2_000);
    await tell(
      { type: 'speech-started', atMs: 10 },
      { type: 'speech-stopped', atMs: 1_000 },
      { type: 'reply-started', reply: 'r1' },
      { type: 'caller-text', turn: 'u1', text: 'A coffee.', final: true },
      { type: 'agent-text', reply: 'r1', text: 'Sure.' },
      audio('r1', 600),
      { type: 'tool-call', reply: 'r1', call: 'f1', name: 'order', arguments: '{"drink":"coffee"}' },
      { type: 'error', error: new ParleyError('No menu.', { code: 'remote.failed' }) },
      finished('r1'),
    );
    await clock.advance(1_000);
    call.controls.addMessage({ id: 'item_1', role: 'user', text: 'And a tea.' });
    call.controls.addResult({ callId: 'f1', output: '{"ok":true}' });
    call.controls.setMuted(true);
    void transport.say(new Float32Array(24_000).fill(0.4));
    await clock.advance(1_500);
    const { log, summary, recording } = await stored();
    const [caller, agent] = recording.channels;
    const heard = (channel: Float32Array | undefined): readonly [number, number] => {
      const loud = [...(channel ?? [])]
        .map((value, index) => (Math.abs(value) > 0.1 ? index : -1))
        .filter((at) => at >= 0);
      return [(loud.at(0) ?? -1) / 24, (loud.at(-1) ?? -1) / 24];
    };
    expect(recording.rateHz).toBe(24_000);
    expect(Math.abs(heard(caller)[1] - heard(caller)[0] - 1_000)).toBeLessThan(30);
    expect(Math.abs(heard(agent)[0] - 2_000)).toBeLessThan(50);
    expect(Math.abs(heard(agent)[1] - heard(agent)[0] - 600)).toBeLessThan(30);
    expect(Math.abs((caller?.length ?? 0) / 24 - 4_500)).toBeLessThan(50);
    expect(log.finished).toBe(true);
    expect(summary).toMatchObject({ callId: call.callId, heldBy: 'house/realtime', turns: 1, endReason: 'enough' });
    const story = tellCall(log);
    expect(story).toMatchObject({
      heldBy: 'house/realtime',
      endedBecause: 'enough',
      turns: [
        { turn: 0 },
        {
          turn: 1,
          replies: [{ said: ['Sure.'], heard: 'Sure.', status: 'completed' }],
          marks: { responseLatencyMs: 610, speechEndAudioMs: 1_000 },
        },
      ],
    });
    const words = narrate(story);
    for (const said of [
      /held by house\/realtime, which ends turns and answers them by itself/,
      /The caller began to speak \(at 0.01\)/,
      /The caller fell silent \(at 1.00\)/,
      /The model began reply 1/,
      /The transcript: “A coffee.”/,
      /The caller wrote: “And a tea.”/,
      /order gave: \{"ok":true\}/,
      /The agent called order with \{"drink":"coffee"\}/,
      /Problem remote.failed: No menu/,
      /All of it was heard/,
      /heard 610/,
    ])
      expect(words).toMatch(said);
  });

  it('cannot be run again, and says why', async () => {
    const { log } = await (await begin({ greeting: false })).stored();
    const why = expect.objectContaining({
      code: 'call.held_by_model',
      message: expect.stringMatching(/house\/realtime/),
    });
    expect(() => replay(log)).toThrow(why);
    expect(() => recordedCall(log)).toThrow(why);
  });

  it('has silence in its recording where the caller sends nothing, and times that count it', async () => {
    const { clock, tell, transport, stored } = await begin({ greeting: false });
    await clock.advance(3_000);
    await tell({ type: 'reply-started', reply: 'r1' }, audio('r1', 200), finished('r1'));
    await clock.advance(500);
    transport.connect();
    await clock.advance(500);
    await tell({ type: 'speech-started', atMs: 100 });
    const { log, recording } = await stored();
    const at = (recording.channels[1] ?? []).findIndex((value) => value > 0.1) / 24;
    expect(Math.abs(at - 3_000)).toBeLessThan(50);
    const [began] = tellCall(log).turns[1]?.steps ?? [];
    expect(began?.what === 'began' && Math.abs(began.startMs - 3_100)).toBeLessThan(600);
  });

  it('is ended and stored when the server ends, which takes no more', async () => {
    const { admission, call, transport, stored } = await begin({ greeting: false });
    await admission.close();
    expect(admission.live).toBe(0);
    expect((await stored()).summary).toMatchObject({ endReason: 'server-shutdown' });
    const admit = admission.admitTo(new ScriptedSpeechToSpeech());
    await expect(admit({ source: 'waves-s2s' }, transport, () => {})).rejects.toMatchObject({
      code: 'server.draining',
    });
    expect(call.callId).toMatch(/^call_/);
  });
});
