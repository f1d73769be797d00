import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../ports/language-model.js';
import { generateWithTools, type NativeToolOptions, type ToolReplyEvent } from '../../ports/native-tools.js';
import type { Toolbox } from '../../ports/tools.js';
import { type ScriptedAnswer, ScriptedService } from '../remote/scripted-service-fixture.js';
import { callPiece, delta, finish, sentChat, streamChat } from './chat-service-fixture.js';
import { OpenAiLanguageModel, type OpenAiLanguageModelOptions } from './language-model.js';

const { signal } = new AbortController();
let service: ScriptedService;

beforeEach(async () => {
  service = await ScriptedService.open();
});
afterEach(() => service.close());

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const toolbox: Toolbox = {
  tools: [
    { name: 'weather', description: 'The weather of a city.', parameters: city },
    { name: 'time', description: '', parameters: undefined },
  ],
  choice: 'auto',
};

/** A server that sends these chunks, and the end of a stream behind them. */
function sends(...chunks: readonly unknown[]): void {
  service.answer = async (_request, answer) => {
    answer.begin('text/event-stream');
    for (const chunk of chunks) await answer.event(chunk);
    await answer.event('[DONE]');
    answer.end();
  };
}

function modelWith(options: Partial<OpenAiLanguageModelOptions> = {}): OpenAiLanguageModel {
  return new OpenAiLanguageModel({ ...service.api({ idleMs: 300 }), model: 'qwen3', ...options });
}

async function ask(
  options: Partial<NativeToolOptions> = {},
  model = modelWith(),
  messages: readonly ChatMessage[] = [{ role: 'user', text: 'The weather in Oslo?' }],
) {
  const native = { system: 'Be kind.', examples: [] };
  const prefix = { system: 'Be kind. Write calls as JSON.', examples: [], native };
  const context = await model.open(prefix, { callId: 'c', signal });
  for (const message of messages) await context.extend(message, { signal });
  const events: ToolReplyEvent[] = [];
  const written: NativeToolOptions['written'] = async function* (plain, rest) {
    events.push({ type: 'text', text: '[written] ' });
    yield* plain.generate({ signal: rest.signal, maxTokens: rest.maxTokens });
  };
  const all = { signal, maxTokens: 40, toolbox, written, ...options };
  let failure: unknown;
  try {
    for await (const event of generateWithTools(context, all)) events.push(event);
  } catch (error) {
    failure = error;
  }
  const calls = events.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []));
  const text = events.map((event) => (event.type === 'text' ? event.text : '')).join('');
  return { events, calls, text, failure, finish: events.findLast(({ type }) => type === 'finish') };
}

describe('tools of an OpenAI-compatible server', () => {
  it('are called in pieces, several at once and beside words, and each is told as it comes and then whole', async () => {
    sends(
      delta('One moment.'),
      callPiece(0, { id: 'a', name: 'weather', arguments: '' }),
      callPiece(0, { arguments: '{"ci' }),
      callPiece(1, { id: 'b', name: 'time' }),
      callPiece(0, { arguments: 'ty":"Oslo"}' }),
      callPiece(1, { arguments: '{}' }),
      finish('tool_calls'),
    );
    const { events, calls, text, finish: end } = await ask({ callTokens: 100, parallel: false });
    expect(text).toBe('One moment.');
    expect(calls).toEqual([
      { callId: 'a', name: 'weather', arguments: '{"city":"Oslo"}' },
      { callId: 'b', name: 'time', arguments: '{}' },
    ]);
    expect(events.filter(({ type }) => type === 'tool-call-part')).toEqual([
      { type: 'tool-call-part', callId: 'a', name: 'weather', arguments: '{"ci' },
      { type: 'tool-call-part', callId: 'a', name: 'weather', arguments: 'ty":"Oslo"}' },
      { type: 'tool-call-part', callId: 'b', name: 'time', arguments: '{}' },
    ]);
    expect(events.findIndex(({ type }) => type === 'working')).toBe(1);
    expect(end).toMatchObject({ reason: 'end', newTokens: 6 });
    const [request] = service.requests;
    expect(request && sentChat(request)).toMatchObject({
      max_tokens: 140,
      messages: [{ role: 'system', content: 'Be kind.' }, { role: 'user' }],
      tools: [
        { type: 'function', function: { name: 'weather', description: 'The weather of a city.', parameters: city } },
        { type: 'function', function: { name: 'time', parameters: { type: 'object', properties: {} } } },
      ],
      parallel_tool_calls: false,
    });
    expect(request && sentChat(request)).not.toHaveProperty('tool_choice');
  });

  it.each([
    ['required', 'required'],
    [{ name: 'time' }, { type: 'function', function: { name: 'time' } }],
  ] as const)('are demanded as the protocol has it: %j', async (choice, sent) => {
    sends(callPiece(0, { id: 'a', name: 'time', arguments: '' }), finish('stop'));
    const { calls } = await ask({ toolbox: { ...toolbox, choice } });
    expect(calls).toEqual([{ callId: 'a', name: 'time', arguments: '{}' }]);
    const [request] = service.requests;
    expect(request && sentChat(request).tool_choice).toEqual(sent);
  });

  it('are not sent where none may be called', async () => {
    sends(delta('Fine.'), finish('stop'));
    expect((await ask({ toolbox: { ...toolbox, choice: 'none' } })).text).toBe('Fine.');
    const [request] = service.requests;
    expect(request && sentChat(request)).not.toHaveProperty('tools');
  });

  it.each([
    ['leaves out the index', [{ id: 'a', name: 'weather' }, { arguments: '{"city":' }, { arguments: '"Oslo"}' }]],
    [
      'repeats the name with every piece',
      [
        { index: 0, id: 'a', name: 'weather', arguments: '{"city":' },
        { index: 0, id: 'a', name: 'weather', arguments: '"Oslo"}' },
      ],
    ],
    [
      'gives the name in pieces',
      [
        { index: 0, id: 'a', name: 'wea' },
        { index: 0, name: 'ther', arguments: '{"city":"Oslo"}' },
      ],
    ],
  ])('are understood of a server that %s', async (_how, pieces) => {
    sends(...pieces.map(({ index, ...piece }: { index?: number }) => callPiece(index, piece)), finish('tool_calls'));
    expect((await ask()).calls).toEqual([{ callId: 'a', name: 'weather', arguments: '{"city":"Oslo"}' }]);
  });

  it('are told apart where a server gives all calls one index, or one name', async () => {
    const piece = (index: number, id: string, name: string) => callPiece(index, { id, name, arguments: '{}' });
    sends(piece(0, 'a', 'weather'), piece(0, 'b', 'time'), finish('tool_calls'));
    expect((await ask()).calls.map(({ callId, name }) => [callId, name])).toEqual([
      ['a', 'weather'],
      ['b', 'time'],
    ]);
    sends(piece(0, 'a', 'weather'), piece(1, 'a', 'time'), finish('tool_calls'));
    const { calls } = await ask();
    expect(calls.map(({ name }) => name)).toEqual(['weather', 'time']);
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(2);
  });

  it.each([
    [
      'is no JSON',
      callPiece(0, { id: 'a', name: 'weather', arguments: '{"city": Oslo' }),
      /"weather" with arguments.*Oslo/,
    ],
    ['is no object', callPiece(0, { id: 'a', name: 'weather', arguments: '"Oslo"' }), /no JSON object/],
    [
      'names no tool of ours',
      callPiece(0, { id: 'a', name: 'fly', arguments: '{}' }),
      /called "fly".*none of the tools/,
    ],
  ])('fail clearly where a call %s', async (_what, piece, message) => {
    sends(piece, finish('tool_calls'));
    const { calls, failure } = await ask();
    expect(failure).toMatchObject({
      code: 'language_model.tool_call',
      retryable: true,
      message: expect.stringMatching(message),
    });
    expect(calls).toEqual([]);
  });

  it('fail where the server says that it calls one and does not', async () => {
    sends(delta('Well.'), finish('tool_calls'));
    expect((await ask()).failure).toMatchObject({ code: 'remote.rubbish' });
  });

  it.each([
    ['dies', 'remote.cut_off', (answer: ScriptedAnswer) => answer.breakOff()],
    ['ends', 'remote.cut_off', (answer: ScriptedAnswer) => answer.end()],
    ['stalls', 'remote.late', () => {}],
  ])('are not called by a server that %s in the middle of the arguments', async (_how, code, then) => {
    service.answer = async (_request, answer) => {
      answer.begin('text/event-stream');
      await answer.event(callPiece(0, { id: 'a', name: 'weather', arguments: '{"city":"Os' }));
      then(answer);
    };
    const { calls, failure } = await ask();
    expect(failure).toMatchObject({ code, retryable: true });
    expect(calls).toEqual([]);
  });

  it('are not called with what was cut off at the length of a reply', async () => {
    sends(
      callPiece(0, { id: 'a', name: 'time', arguments: '{}' }),
      callPiece(1, { id: 'b', name: 'weather', arguments: '{"city":"Os' }),
      finish('length'),
    );
    const { calls, finish: end } = await ask();
    expect(calls.map(({ callId }) => callId)).toEqual(['a']);
    expect(end).toMatchObject({ reason: 'length' });
  });

  it('are called behind words that have become too many, but not behind a speech', async () => {
    const endAt = (text: string) => (text.includes('. ') ? text.indexOf('. ') + 1 : undefined);
    const call = callPiece(0, { id: 'a', name: 'time', arguments: '{}' });
    sends(delta('Sure.'), delta(' I look.'), delta(' Now.'), call, finish('tool_calls'));
    expect(await ask({ endAt })).toMatchObject({
      text: 'Sure.',
      calls: [{ name: 'time' }],
      finish: { reason: 'stop' },
    });
    sends(delta('Sure.'), ...Array.from({ length: 30 }, () => delta(' And so on.')), call, finish('tool_calls'));
    expect(await ask({ endAt })).toMatchObject({ text: 'Sure.', calls: [], finish: { reason: 'stop' } });
  });

  it.each([
    [400, 'registry.ollama.ai/library/gemma:2b does not support tools'],
    [400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'],
    [404, 'No endpoints found that support tool use.'],
    [400, "Unsupported parameter: 'tools' is not supported with this model."],
    [500, 'tools param requires --jinja flag'],
  ])('are written where the server answers %i: %s, which is told once', async (status, message) => {
    service.answer = (request, answer) =>
      sentChat(request).tools ? answer.json({ error: { message } }, status) : streamChat(answer, request, 'In words.');
    const told: string[] = [];
    const model = modelWith({ onNoTools: ({ detail }) => told.push(detail) });
    expect((await ask({}, model)).text).toBe('[written] In words.');
    expect((await ask({}, model)).text).toBe('[written] In words.');
    expect(service.requests).toHaveLength(3);
    expect(told).toEqual([expect.stringContaining(message.slice(0, 20))]);
    const sent = service.requests.map(sentChat);
    expect(sent.map(({ messages }) => messages[0]?.content)).toEqual([
      'Be kind.',
      'Be kind. Write calls as JSON.',
      'Be kind. Write calls as JSON.',
    ]);
  });

  it('are written from the beginning where the settings say so', async () => {
    service.answer = (request, answer) => streamChat(answer, request, 'In words.');
    expect((await ask({}, modelWith({ tools: 'written' }))).text).toBe('[written] In words.');
    expect(service.requests.map(sentChat)[0]).not.toHaveProperty('tools');
  });

  it('are still sent after a server has only refused a call that was demanded', async () => {
    service.answer = async (request, answer) => {
      const sent = sentChat(request);
      if (sent.tool_choice) answer.json({ error: { message: 'tool_choice "required" is not supported' } }, 400);
      else if (!sent.tools) await streamChat(answer, request, 'In words.');
      else {
        answer.begin('text/event-stream');
        await answer.event(callPiece(0, { id: 'a', name: 'time', arguments: '{}' }));
        await answer.event(finish('tool_calls'));
        answer.end();
      }
    };
    const model = modelWith();
    expect((await ask({ toolbox: { ...toolbox, choice: 'required' } }, model)).text).toBe('[written] In words.');
    expect((await ask({}, model)).calls).toHaveLength(1);
  });

  it('are not given up for another refusal', async () => {
    service.answer = (_request, answer) =>
      answer.json({ error: { message: "Invalid schema for function 'weather': city must have a type" } }, 400);
    expect((await ask()).failure).toMatchObject({ code: 'remote.refused' });
    expect(service.requests).toHaveLength(1);
  });

  it('get their results as the protocol wants them: behind the call, whenever they came', async () => {
    sends(delta('Fine.'), finish('stop'));
    const call = (callId: string) => ({ type: 'call', call: { callId, name: 'time', arguments: ' ' } }) as const;
    const result = (callId: string, output: string) => ({ type: 'result', result: { callId, output } }) as const;
    const text = (words: string) => ({ type: 'text', text: words }) as const;
    await ask({}, modelWith(), [
      { role: 'user', text: 'The time?' },
      { role: 'assistant', text: 'x', parts: [text('One moment.'), call('a'), call('b'), text('Still looking.')] },
      { role: 'user', text: 'x', parts: [text('Hurry.'), result('a', '10:00'), result('gone', 'rain')] },
    ]);
    const [request] = service.requests;
    const wire = (id: string) => ({ id, type: 'function', function: { name: 'time', arguments: '{}' } });
    expect(request && sentChat(request).messages.slice(1)).toEqual([
      { role: 'user', content: 'The time?' },
      { role: 'assistant', content: 'One moment.', tool_calls: [wire('a'), wire('b')] },
      { role: 'tool', tool_call_id: 'a', content: '10:00' },
      { role: 'tool', tool_call_id: 'b', content: '(no result yet)' },
      { role: 'assistant', content: 'Still looking.' },
      { role: 'user', content: 'Hurry.\n(An earlier call has given: rain)' },
    ]);
  });
});
