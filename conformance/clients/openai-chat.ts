import assert from 'node:assert/strict';
import OpenAI from 'openai';
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions';
import type { ConformanceCase } from '../case.js';
import { assertHas } from '../checks.js';
import { capital, placeQuestion, placeSchema, weatherParameters, weatherQuestion } from '../questions.js';
import { openAiClient } from './openai-client.js';

const model = 'gpt-4o-mini';
const question: ChatCompletionMessageParam[] = [{ role: 'user', content: capital.question }];
const asksWeather: ChatCompletionMessageParam[] = [{ role: 'user', content: weatherQuestion }];
const tools: ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Tells the current weather in a city.',
      parameters: weatherParameters,
    },
  },
];

export const openAiChatCases: readonly ConformanceCase[] = [
  {
    name: 'models.list and retrieve',
    attempt: async (at, signal) => {
      const openai = openAiClient(at);
      const ids: string[] = [];
      for await (const each of openai.models.list({ signal })) ids.push(each.id);
      for (const id of ['whisper-1', 'tts-1', model]) assert.ok(ids.includes(id), `no ${id} in ${ids.join(', ')}`);
      assert.equal((await openai.models.retrieve('whisper-1', { signal })).object, 'model');
    },
  },
  {
    name: 'chat.completions.create',
    attempt: async (at, signal) => {
      const { choices, usage } = await openAiClient(at).chat.completions.create(
        { model, messages: question },
        { signal },
      );
      assertHas(choices[0]?.message.content ?? '', capital.answer);
      assert.equal(choices[0]?.finish_reason, 'stop');
      assert.ok(usage && usage.prompt_tokens > 5 && usage.completion_tokens > 0);
      assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    },
  },
  {
    name: 'chat.completions.create stream with usage',
    attempt: async (at, signal) => {
      const stream = await openAiClient(at).chat.completions.create(
        {
          model,
          messages: [{ role: 'user', content: 'Count from one to five, in words.' }],
          stream: true,
          stream_options: { include_usage: true },
        },
        { signal },
      );
      let text = '';
      let pieces = 0;
      let tokens = 0;
      let reason: string | undefined;
      for await (const { choices, usage } of stream) {
        const delta = choices[0]?.delta.content ?? '';
        text += delta;
        if (delta !== '') pieces += 1;
        reason = choices[0]?.finish_reason ?? reason;
        tokens = usage?.completion_tokens ?? tokens;
      }
      assert.match(text, /one\W.*three\W.*five/is);
      assert.equal(reason, 'stop');
      assert.ok(pieces > 2, `${pieces} pieces`);
      assert.ok(tokens >= 5, `${tokens} tokens`);
    },
  },
  {
    name: 'chat.completions.create with max_completion_tokens and stop',
    attempt: async (at, signal) => {
      const openai = openAiClient(at);
      const short = await openai.chat.completions.create(
        { model, messages: [{ role: 'user', content: 'Tell me a long story.' }], max_completion_tokens: 4 },
        { signal },
      );
      assert.equal(short.choices[0]?.finish_reason, 'length');
      assert.equal(short.usage?.completion_tokens, 4);
      const stopped = await openai.chat.completions.create(
        {
          model,
          messages: [{ role: 'user', content: 'Count from one to five, in words, in lower case.' }],
          stop: 'four',
        },
        { signal },
      );
      const text = stopped.choices[0]?.message.content ?? '';
      assert.match(text, /three/i);
      assert.doesNotMatch(text, /four/i);
    },
  },
  {
    name: 'chat.completions.create with tools, and their result',
    attempt: async (at, signal) => {
      const openai = openAiClient(at);
      const { choices } = await openai.chat.completions.create({ model, messages: asksWeather, tools }, { signal });
      const message = choices[0]?.message;
      assert.equal(choices[0]?.finish_reason, 'tool_calls');
      const [call] = message?.tool_calls ?? [];
      assert.ok(message && call?.type === 'function', 'no function call');
      assert.equal(call.function.name, 'get_weather');
      assert.match(JSON.parse(call.function.arguments).city, /^oslo/i);
      const answer = await openai.chat.completions.create(
        {
          model,
          tools,
          messages: [
            ...asksWeather,
            message,
            { role: 'tool', tool_call_id: call.id, content: '{"sky":"sunny","celsius":21}' },
          ],
        },
        { signal },
      );
      assertHas(answer.choices[0]?.message.content ?? '', 'sunny');
    },
  },
  {
    name: 'chat.completions.stream with tools',
    attempt: async (at, signal) => {
      const stream = openAiClient(at).chat.completions.stream({ model, messages: asksWeather, tools }, { signal });
      const [call] = (await stream.finalMessage()).tool_calls ?? [];
      assert.ok(call?.type === 'function', 'no function call');
      assert.match(JSON.parse(call.function.arguments).city, /^oslo/i);
    },
  },
  {
    name: 'chat.completions.runTools',
    attempt: async (at, signal) => {
      const asked: string[] = [];
      const runner = openAiClient(at).chat.completions.runTools(
        {
          model,
          messages: asksWeather,
          tools: [
            {
              type: 'function',
              function: {
                name: 'get_weather',
                description: 'Tells the current weather in a city.',
                parameters: weatherParameters,
                parse: JSON.parse,
                function: ({ city }: { readonly city: string }) => {
                  asked.push(city);
                  return '{"sky":"sunny","celsius":21}';
                },
              },
            },
          ],
        },
        { signal },
      );
      assertHas((await runner.finalContent()) ?? '', 'sunny');
      assert.equal(asked.length, 1);
      assert.match(asked[0] ?? '', /^oslo/i);
    },
  },
  {
    name: 'chat.completions.create with json_schema',
    attempt: async (at, signal) => {
      const { choices } = await openAiClient(at).chat.completions.create(
        {
          model,
          messages: [{ role: 'user', content: placeQuestion }],
          response_format: { type: 'json_schema', json_schema: { name: 'place', strict: true, schema: placeSchema } },
        },
        { signal },
      );
      const place = JSON.parse(choices[0]?.message.content ?? '');
      assert.deepEqual(Object.keys(place).sort(), ['city', 'country']);
      assertHas(place.country, 'Norway');
    },
  },
  {
    name: 'a wrong key is an AuthenticationError',
    attempt: async (at, signal) => {
      const openai = openAiClient({ url: at.url, apiKey: 'another-key' });
      await assert.rejects(
        async () => openai.chat.completions.create({ model, messages: question }, { signal }),
        (error: unknown) => error instanceof OpenAI.AuthenticationError && error.code === 'invalid_api_key',
      );
    },
  },
];
