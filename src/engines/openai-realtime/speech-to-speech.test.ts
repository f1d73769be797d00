import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { EventQueue } from '../../ports/event-queue.js';
import type { ConverseOptions, SpeechToSpeechEvent, SpeechToSpeechInput } from '../../ports/speech-to-speech.js';
import { ScriptedService, until } from '../remote/scripted-service-fixture.js';
import { OpenAiRealtime } from './speech-to-speech.js';

type Sent = { readonly type: string; readonly [field: string]: unknown };
let service: ScriptedService;
let sent: Sent[];
let socket: WebSocket | undefined;

beforeEach(async () => {
  service = await ScriptedService.open();
  sent = [];
  service.onSocket = (opened) => {
    socket = opened;
    opened.on('message', (data: Buffer) => sent.push(JSON.parse(data.toString('utf8')) as Sent));
    tell({ type: 'session.created', session: {} });
  };
});
afterEach(() => service.close());

const tell = (event: unknown): void => socket?.send(JSON.stringify(event));

function converse(options: Partial<ConverseOptions> = {}) {
  const engine = new OpenAiRealtime({ ...service.api({ firstByteMs: 500 }), model: 'gpt-realtime', voices: ['marin'] });
  const input = new EventQueue<SpeechToSpeechInput>();
  const abort = new AbortController();
  const events: SpeechToSpeechEvent[] = [];
  const over = (async () => {
    const call = { callId: 'c', instructions: 'Be brief.', input, signal: abort.signal, ...options };
    for await (const event of engine.converse(call)) events.push(event);
  })();
  over.catch(() => {});
  return { input, abort, events, over };
}

const delta = (fields: object) => ({ response_id: 'r1', item_id: 'i1', output_index: 0, content_index: 0, ...fields });

describe('a realtime model as speech to speech', () => {
  it('is told who it is, hears audio, and answers with audio, words, tool calls and the times of each', async () => {
    const tools = [{ name: 'book', description: 'Books.', parameters: { type: 'object', properties: {} } }];
    const { input, events, over } = converse({ tools });
    await until(() => sent.length === 1);
    expect(service.requests[0]?.query.get('model')).toBe('gpt-realtime');
    expect(service.requests[0]?.headers.authorization).toBe(`Bearer ${service.key.reveal()}`);
    expect(sent[0]).toMatchObject({
      type: 'session.update',
      session: {
        type: 'realtime',
        instructions: 'Be brief.',
        audio: { input: { turn_detection: { type: 'semantic_vad' } }, output: { voice: 'marin' } },
        tools: [{ type: 'function', name: 'book' }],
      },
    });
    input.push({ type: 'audio', samples: new Float32Array(2_400).fill(0.5) });
    await until(() => sent.length === 2);
    expect(Buffer.from(String(sent[1]?.audio), 'base64')).toHaveLength(4_800);
    tell({ type: 'input_audio_buffer.speech_started', audio_start_ms: 10, item_id: 'u1' });
    tell({ type: 'input_audio_buffer.speech_stopped', audio_end_ms: 90, item_id: 'u1' });
    tell({ type: 'input_audio_buffer.committed', item_id: 'u1' });
    tell({ type: 'response.created', response: { id: 'r1' } });
    tell({ type: 'conversation.item.input_audio_transcription.delta', item_id: 'u1', delta: 'A ta' });
    tell({ type: 'conversation.item.input_audio_transcription.completed', item_id: 'u1', transcript: 'A table.' });
    tell(delta({ type: 'response.output_audio_transcript.delta', delta: 'Sure.' }));
    tell(delta({ type: 'response.output_audio.delta', delta: Buffer.alloc(960).toString('base64') }));
    tell({ ...delta({ type: 'response.function_call_arguments.done' }), call_id: 'f1', name: 'book', arguments: '{}' });
    tell({ type: 'something.new', of: 'no interest' });
    const usage = { input_tokens: 9, output_tokens: 5 };
    tell({ type: 'response.done', response: { id: 'r1', status: 'completed', usage } });
    await until(() => events.at(-1)?.type === 'reply-finished');
    expect(events.map(({ type }) => type)).toEqual([
      ...['speech-started', 'speech-stopped', 'reply-started', 'caller-text', 'caller-text', 'agent-text', 'audio'],
      ...['tool-call', 'reply-finished'],
    ]);
    expect(events[4]).toEqual({ type: 'caller-text', turn: 'u1', text: 'A table.', final: true });
    expect(events[6]).toMatchObject({ reply: 'r1', rateHz: 24_000, samples: new Float32Array(480) });
    expect(events[7]).toEqual({ type: 'tool-call', reply: 'r1', call: 'f1', name: 'book', arguments: '{}' });
    const finished = events[8];
    if (finished?.type !== 'reply-finished') throw new Error('expected a finish');
    expect(finished).toMatchObject({ status: 'complete', usage: { inputTokens: 9, outputTokens: 5 } });
    const { eouDelayMs = -1, sttFinalMs = -1, llmFirstTokenMs = -1, ttsFirstAudioMs = -1 } = finished.marks;
    expect(eouDelayMs).toBeGreaterThanOrEqual(0);
    for (const later of [sttFinalMs, llmFirstTokenMs, ttsFirstAudioMs])
      expect(later).toBeGreaterThanOrEqual(eouDelayMs);

    input.push({ type: 'tool-result', call: 'f1', output: 'done' });
    input.push({ type: 'heard', reply: 'r1', playedMs: 12.7 });
    input.push({ type: 'cancel' });
    await until(() => sent.length === 6);
    expect(sent.slice(2)).toMatchObject([
      { type: 'conversation.item.create', item: { type: 'function_call_output', call_id: 'f1', output: 'done' } },
      { type: 'response.create' },
      { type: 'conversation.item.truncate', item_id: 'i1', content_index: 0, audio_end_ms: 12 },
      { type: 'response.cancel' },
    ]);
    input.end();
    await over;
  });

  it('answers results and texts only where it is to, and takes other tools in a conversation', async () => {
    const { input, over } = converse();
    await until(() => sent.length === 1);
    input.push({ type: 'tool-result', call: 'f1', output: 'one', respond: false });
    input.push({ type: 'text', text: 'Hello.', respond: false });
    input.push({ type: 'tools', tools: [{ name: 'book', description: 'Books.', parameters: { type: 'object' } }] });
    input.push({ type: 'respond' });
    await until(() => sent.length === 5);
    expect(sent.slice(1)).toMatchObject([
      { type: 'conversation.item.create', item: { type: 'function_call_output', call_id: 'f1' } },
      { type: 'conversation.item.create', item: { type: 'message', role: 'user' } },
      { type: 'session.update', session: { type: 'realtime', tools: [{ type: 'function', name: 'book' }] } },
      { type: 'response.create' },
    ]);
    input.end();
    await over;
  });

  it.each([
    [{ status: 'cancelled', status_details: { reason: 'turn_detected' } }, 'interrupted'],
    [{ status: 'cancelled', status_details: { reason: 'client_cancelled' } }, 'cancelled'],
    [{ status: 'incomplete' }, 'cut'],
    [{ status: 'failed', status_details: { error: { message: 'overloaded' } } }, 'failed'],
  ])('a reply that ends as %j is %s', async (response, status) => {
    const { events, abort } = converse();
    await until(() => sent.length === 1);
    tell({ type: 'response.done', response: { id: 'r9', ...response } });
    await until(() => events.at(-1)?.type === 'reply-finished');
    expect(events.at(-1)).toMatchObject({ reply: 'r9', status, marks: { ttsFirstAudioMs: undefined } });
    abort.abort(new Error('enough'));
  });

  it('goes on after an error of one request, and fails when the server sends rubbish or goes away', async () => {
    const first = converse();
    await until(() => sent.length === 1);
    tell({ type: 'error', error: { message: `bad ${service.key.reveal()}` } });
    await until(() => first.events.length === 1);
    expect(first.events[0]).toMatchObject({ type: 'error', error: { code: 'remote.failed' } });
    expect(JSON.stringify(first.events)).not.toContain(service.key.reveal());
    socket?.send('{"type": "response.done", "response": 4}');
    await expect(first.over).rejects.toMatchObject({ code: 'remote.rubbish' });
    const second = converse();
    await until(() => sent.length === 2);
    socket?.terminate();
    await expect(second.over).rejects.toMatchObject({ code: 'remote.cut_off', retryable: true });
  });

  it('is refused, late or aborted with the socket closed', async () => {
    service.refuseUpgrade = { status: 429, headers: ['retry-after: 7'], body: '{"error":{"message":"slow down"}}' };
    await expect(converse().over).rejects.toMatchObject({ code: 'remote.rate_limited', retryAfterMs: 7_000 });
    service.refuseUpgrade = undefined;
    service.onSocket = () => {};
    await expect(converse().over).rejects.toMatchObject({ code: 'remote.late' });
    const silent = converse();
    await until(() => service.sockets.length === 2);
    silent.abort.abort(new Error('hung up'));
    await expect(silent.over).rejects.toThrow('hung up');
    await until(() => service.sockets.every((each) => each.readyState === each.CLOSED));
  });
});
