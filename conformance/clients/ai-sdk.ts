import assert from 'node:assert/strict';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  generateObject,
  generateText,
  jsonSchema,
  type LanguageModel,
  stepCountIs,
  streamObject,
  streamText,
  tool,
} from 'ai';
import { z } from 'zod';
import type { ConformanceClient, Surroundings } from '../case.js';
import { assertHas } from '../checks.js';
import { installed } from '../installed.js';
import { capital, placeQuestion, placeSchema, weatherParameters, weatherQuestion } from '../questions.js';

function chatModel({ url, apiKey }: Surroundings): LanguageModel {
  return createOpenAICompatible({
    name: 'parley',
    baseURL: `${url}/v1`,
    apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  }).chatModel('gpt-4o-mini');
}

/** A tool that is executed in between, and whom it was asked about. */
function weatherTool(): {
  readonly asked: string[];
  readonly tools: { readonly get_weather: ReturnType<typeof made> };
} {
  const asked: string[] = [];
  const made = () =>
    tool({
      description: 'Tells the current weather in a city.',
      inputSchema: jsonSchema<{ city: string }>(weatherParameters as Parameters<typeof jsonSchema>[0]),
      execute: async ({ city }: { city: string }) => {
        asked.push(city);
        return { sky: 'sunny', celsius: 21 };
      },
    });
  return { asked, tools: { get_weather: made() } };
}

/** Vercel's AI SDK with its provider for any server that speaks as OpenAI's does. */
export const aiSdk: ConformanceClient = {
  name: 'ai, @ai-sdk/openai-compatible',
  version: installed('ai', '@ai-sdk/openai-compatible'),
  cases: [
    {
      name: 'generateText',
      attempt: async (at, abortSignal) => {
        const { text, usage, finishReason } = await generateText({
          model: chatModel(at),
          prompt: capital.question,
          maxRetries: 0,
          abortSignal,
        });
        assertHas(text, capital.answer);
        assert.equal(finishReason, 'stop');
        assert.ok((usage.inputTokens ?? 0) > 5 && (usage.outputTokens ?? 0) > 0, 'no usage');
      },
    },
    {
      name: 'streamText',
      attempt: async (at, abortSignal) => {
        const result = streamText({
          model: chatModel(at),
          prompt: 'Count from one to five, in words.',
          maxRetries: 0,
          abortSignal,
        });
        let pieces = 0;
        let text = '';
        for await (const piece of result.textStream) {
          pieces += 1;
          text += piece;
        }
        assert.match(text, /one\W.*three\W.*five/is);
        assert.ok(pieces > 2, `${pieces} pieces`);
        assert.ok(((await result.usage).outputTokens ?? 0) >= 5, 'no usage');
        assert.equal(await result.finishReason, 'stop');
      },
    },
    {
      name: 'generateObject',
      attempt: async (at, abortSignal) => {
        const { object } = await generateObject({
          model: chatModel(at),
          schema: z.object({ city: z.string(), country: z.string() }),
          prompt: placeQuestion,
          maxRetries: 0,
          abortSignal,
        });
        assertHas(object.country, 'Norway');
      },
    },
    {
      name: 'streamObject',
      attempt: async (at, abortSignal) => {
        const result = streamObject({
          model: chatModel(at),
          schema: jsonSchema<{ city: string; country: string }>(placeSchema as Parameters<typeof jsonSchema>[0]),
          prompt: placeQuestion,
          maxRetries: 0,
          abortSignal,
        });
        let partials = 0;
        for await (const _ of result.partialObjectStream) partials += 1;
        assert.ok(partials > 1, `${partials} partial objects`);
        assertHas((await result.object).country, 'Norway');
      },
    },
    {
      name: 'generateText with a tool, executed and told',
      attempt: async (at, abortSignal) => {
        const { asked, tools } = weatherTool();
        const { text, steps } = await generateText({
          model: chatModel(at),
          prompt: weatherQuestion,
          tools,
          stopWhen: stepCountIs(3),
          maxRetries: 0,
          abortSignal,
        });
        assert.deepEqual(
          asked.map((city) => city.toLowerCase().slice(0, 4)),
          ['oslo'],
        );
        assert.equal(steps[0]?.finishReason, 'tool-calls');
        assertHas(text, 'sunny');
      },
    },
    {
      name: 'streamText with a tool, executed and told',
      attempt: async (at, abortSignal) => {
        const { asked, tools } = weatherTool();
        const result = streamText({
          model: chatModel(at),
          prompt: weatherQuestion,
          tools,
          stopWhen: stepCountIs(3),
          maxRetries: 0,
          abortSignal,
        });
        await result.consumeStream();
        assert.equal(asked.length, 1);
        assertHas(await result.text, 'sunny');
      },
    },
  ],
};
