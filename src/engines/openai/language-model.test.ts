import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GenerateEvent, GenerateOptions } from '../../ports/language-model.js';
import { ScriptedService } from '../remote/scripted-service-fixture.js';
import { answersChats, delta, finish, sentChat, streamChat } from './chat-service-fixture.js';
import { OpenAiLanguageModel, type OpenAiLanguageModelOptions } from './language-model.js';

const { signal } = new AbortController();
let service: ScriptedService;

beforeEach(async () => {
  service = await ScriptedService.open();
});
afterEach(() => service.close());

function modelWith(options: Partial<OpenAiLanguageModelOptions> = {}): OpenAiLanguageModel {
  return new OpenAiLanguageModel({ ...service.api({ idleMs: 300 }), model: 'qwen3', ...options });
}

async function ask(model: OpenAiLanguageModel, options: Partial<GenerateOptions> = {}, said = 'A coffee, please.') {
  const examples = [
    { role: 'user', text: 'Tea.' },
    { role: 'assistant', text: 'Sure.' },
  ] as const;
  const context = await model.open({ system: 'You sell coffee.', examples }, { callId: 'c', signal });
  await context.extend({ role: 'user', text: said }, { signal });
  const events: GenerateEvent[] = [];
  for await (const event of context.generate({ signal, maxTokens: 40, ...options })) events.push(event);
  const text = events.map((event) => (event.type === 'text' ? event.text : '')).join('');
  return { text, finish: events.at(-1) };
}

describe('a language model behind an OpenAI-compatible server', () => {
  it('is sent the prompt, the examples and the conversation, and tells what the server counted', async () => {
    answersChats(service, () => 'Sure, a coffee. Anything else?');
    const { text, finish } = await ask(modelWith());
    expect(text).toBe('Sure, a coffee. Anything else?');
    expect(finish).toMatchObject({ reason: 'end', computedTokens: 8, reusedTokens: 12, newTokens: 5 });
    const [request] = service.requests;
    expect(request?.path).toBe('/v1/chat/completions');
    expect(request && sentChat(request)).toMatchObject({
      model: 'qwen3',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 40,
      messages: [
        { role: 'system', content: 'You sell coffee.' },
        { role: 'user', content: 'Tea.' },
        { role: 'assistant', content: 'Sure.' },
        { role: 'user', content: 'A coffee, please.' },
      ],
    });
  });

  it('uses the newer name of the length where a server asks for it, from then on', async () => {
    service.answer = (request, answer) => {
      if (sentChat(request).max_tokens === undefined) return streamChat(answer, request, 'Okay.');
      const message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.";
      return answer.json({ error: { message } }, 400);
    };
    const model = modelWith();
    expect((await ask(model)).text).toBe('Okay.');
    expect((await ask(model)).text).toBe('Okay.');
    expect(service.requests).toHaveLength(3);
  });

  it.each([
    ['goes on', ' a coffee.', 'Okay, that is', ' a coffee.'],
    ['goes on without a space', 'a coffee.', 'Okay, that is', ' a coffee.'],
    ['goes on behind a space', ' a coffee.', 'Okay, that is ', 'a coffee.'],
    ['begins anew', 'Okay, that is a coffee.', 'Okay, that is', ' a coffee.'],
    ['begins anew in another way', 'OKAY,  that is a coffee.', 'Okay, that is', ' a coffee.'],
    ['repeats the last words', 'that is one coffee.', 'Okay, that is one', ' coffee.'],
    ['only looks as if it began anew', 'Okay, then a coffee.', 'Okay, that is', ' Okay, then a coffee.'],
    ['says nothing new', 'Okay, that', 'Okay, that is', ''],
    ['goes on with punctuation', ', and a coffee.', 'Okay', ', and a coffee.'],
  ])('goes on from words that were heard where the server %s', async (_name, reply, forcedBeginning, expected) => {
    answersChats(service, () => reply);
    expect((await ask(modelWith(), { forcedBeginning })).text).toBe(expected);
    const [request] = service.requests;
    expect(request && sentChat(request).messages.at(-1)?.content).toContain(JSON.stringify(forcedBeginning));
  });

  it('gives the words as the last message where the server continues it', async () => {
    answersChats(service, () => 'ball');
    expect((await ask(modelWith({ continuation: 'prefix' }), { forcedBeginning: 'A foot' })).text).toBe('ball');
    const [request] = service.requests;
    const sent = request && sentChat(request);
    expect(sent).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
    expect(sent?.messages.at(-1)).toEqual({ role: 'assistant', content: 'A foot' });
  });

  it('sends the schema of JSON, and refuses a reply that does not fit it', async () => {
    const schema = { type: 'object', properties: { size: { enum: ['small', 'large'] } }, required: ['size'] };
    answersChats(service, () => '{"size": "large"}');
    expect((await ask(modelWith(), { json: schema })).finish).toMatchObject({ json: { size: 'large' } });
    const [request] = service.requests;
    expect(request && sentChat(request).response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'reply', schema },
    });
    answersChats(service, () => '{"size": "huge"}');
    await expect(ask(modelWith(), { json: schema })).rejects.toMatchObject({ code: 'language_model.json_invalid' });
  });

  it('leaves out the oldest messages when the context is full, and begins with the caller', async () => {
    answersChats(service, () => 'I see.');
    const model = modelWith({ contextTokens: 512 });
    const context = await model.open({ system: 'Prompt.', examples: [] }, { callId: 'c', signal });
    let dropped = 0;
    for (let turn = 0; turn < 20; turn++) {
      await context.extend({ role: 'user', text: `Turn ${turn}: ${'word '.repeat(20)}` }, { signal });
      for await (const event of context.generate({ signal, maxTokens: 9 }))
        if (event.type === 'finish') dropped = event.droppedMessages;
      await context.extend({ role: 'assistant', text: 'I see.' }, { signal });
    }
    expect(dropped).toBeGreaterThan(0);
    const sent = service.requests.map(sentChat).at(-1)?.messages ?? [];
    expect(sent[0]).toEqual({ role: 'system', content: 'Prompt.' });
    expect(sent[1]?.role).toBe('user');
    expect(sent.at(-1)?.content).toContain('Turn 19');
    expect(JSON.stringify(sent).length).toBeLessThan(512 * 4);
  });

  it.each([
    ['dies', 'remote.cut_off'],
    ['ends without a finish', 'remote.cut_off'],
    ['reports a failure', 'remote.failed'],
    ['sends rubbish', 'remote.rubbish'],
    ['sends another kind of JSON', 'remote.rubbish'],
    ['stalls', 'remote.late'],
  ])('gives what came, then fails, when the server %s in the middle', async (how, code) => {
    service.answer = async (_request, answer) => {
      answer.begin('text/event-stream');
      await answer.event(delta('Okay,'));
      if (how === 'dies') answer.breakOff();
      else if (how === 'reports a failure') await answer.event({ error: { message: 'out of memory' } });
      else if (how === 'sends rubbish') await answer.event('{"choices": [');
      else if (how === 'sends another kind of JSON') await answer.event({ choices: 'none' });
      if (how === 'ends without a finish') answer.end();
    };
    const context = await modelWith().open({ system: '', examples: [] }, { callId: 'c', signal });
    let text = '';
    const reading = (async () => {
      for await (const event of context.generate({ signal, maxTokens: 9 }))
        if (event.type === 'text') text += event.text;
    })();
    await expect(reading).rejects.toMatchObject({ code, retryable: true });
    expect(text).toBe('Okay,');
  });

  it('takes a server that sends no end after its finish', async () => {
    service.answer = async (_request, answer) => {
      answer.begin('text/event-stream');
      await answer.event(delta('Okay.'));
      await answer.event(finish('stop'));
      answer.end();
    };
    expect((await ask(modelWith())).finish).toMatchObject({ reason: 'end', newTokens: 1 });
  });
});
