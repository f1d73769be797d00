import assert from 'node:assert/strict';
import {
  OpenAIRealtimeWebSocket,
  RealtimeAgent,
  type RealtimeItem,
  RealtimeSession,
  tool,
} from '@openai/agents-realtime';
import { z } from 'zod';
import { concatSamples } from '../../src/audio/frame.js';
import { decodePcm16, encodePcm16 } from '../../src/audio/pcm.js';
import { resample } from '../../src/audio/resample.js';
import { Microphone } from '../../test/support/microphone.js';
import type { ConformanceClient, Surroundings } from '../case.js';
import { assertAnswered, assertHas, until } from '../checks.js';
import { installed } from '../installed.js';
import { hearingRateHz } from '../material.js';
import { weatherQuestion } from '../questions.js';

const rateHz = 24_000;

type Talk = {
  readonly session: RealtimeSession;
  readonly say: (samples: Float32Array) => Promise<void>;
  /** Audio that came since it was last asked for. */
  readonly takeAudio: () => Float32Array;
  readonly count: (type: string) => number;
  readonly reach: (type: string, times: number) => Promise<void>;
};

async function talking(
  at: Surroundings,
  signal: AbortSignal,
  agent: RealtimeAgent,
  talk: (parts: Talk) => Promise<void>,
): Promise<void> {
  const session = new RealtimeSession(agent, {
    transport: new OpenAIRealtimeWebSocket({ url: `${at.socketUrl}/v1/realtime?model=gpt-realtime` }),
    model: 'gpt-realtime',
  });
  const errors: string[] = [];
  let audio: Float32Array[] = [];
  const seen = new Map<string, number>();
  session.on('audio', ({ data }) => audio.push(decodePcm16(Buffer.from(data))));
  session.on('error', (error) => errors.push(JSON.stringify(error)));
  session.on('transport_event', ({ type }) => seen.set(type, (seen.get(type) ?? 0) + 1));
  const count = (type: string): number => seen.get(type) ?? 0;
  const reach = (type: string, times: number): Promise<void> =>
    until(
      `${type} ${times}`,
      signal,
      () => count(type) >= times,
      () => `said: ${said(session.history, 'assistant').join(' / ')}; errors: ${errors.join('; ')}`,
    );
  await session.connect({ apiKey: at.apiKey });
  await reach('session.updated', 1);
  const mic = new Microphone({
    rateHz,
    send: (samples) => session.sendAudio(new Uint8Array(encodePcm16(samples)).buffer),
  });
  try {
    await talk({
      session,
      say: async (samples) => mic.say(await resample(samples, hearingRateHz, rateHz)),
      takeAudio: () => {
        const taken = concatSamples(audio);
        audio = [];
        return taken;
      },
      count,
      reach,
    });
    assert.deepEqual(errors, []);
  } finally {
    mic.stop();
    session.close();
  }
}

/** The conversation as the package remembers it. */
function said(history: readonly RealtimeItem[], role: 'user' | 'assistant'): string[] {
  return history.flatMap((item) => {
    if (item.type !== 'message' || item.role !== role) return [];
    return [
      item.content
        .map((part) => ('transcript' in part ? (part.transcript ?? '') : 'text' in part ? part.text : ''))
        .join(' '),
    ];
  });
}

/** OpenAI's agents package over a WebSocket, which takes the address of any server. */
export const agentsRealtime: ConformanceClient = {
  name: '@openai/agents-realtime',
  version: installed('@openai/agents-realtime'),
  cases: [
    {
      name: 'RealtimeSession: a spoken turn, heard and answered aloud',
      attempt: (at, signal) => {
        const agent = new RealtimeAgent({
          name: 'Orders',
          instructions: 'You take orders in a coffee shop. Say the order back in one short sentence.',
        });
        return talking(at, signal, agent, async ({ session, say, reach, takeAudio }) => {
          await say(at.material.order.samples);
          await reach('response.done', 1);
          await until('both sides in the history', signal, () => said(session.history, 'assistant').join('') !== '');
          assertHas(said(session.history, 'user').join(' '), at.material.order.text);
          await assertAnswered(at, { samples: takeAudio(), rateHz }, said(session.history, 'assistant').join(' '));
        });
      },
    },
    {
      name: 'RealtimeSession: a tool is executed, and its result told aloud',
      attempt: (at, signal) => {
        const asked: string[] = [];
        const weather = tool({
          name: 'get_weather',
          description: 'Tells the current weather in a city.',
          parameters: z.object({ city: z.string().describe('The name of the city.') }),
          execute: async ({ city }) => {
            asked.push(city);
            return 'It is sunny in Oslo, 21 degrees.';
          },
        });
        const agent = new RealtimeAgent({
          name: 'Weather',
          instructions: 'You help people with the weather.',
          tools: [weather],
        });
        return talking(at, signal, agent, async ({ session, reach, takeAudio }) => {
          session.sendMessage(weatherQuestion);
          await reach('response.done', 2);
          assert.equal(asked.length, 1);
          assert.match(asked[0] ?? '', /^oslo/i);
          await until('the answer in the history', signal, () =>
            /sunny/i.test(said(session.history, 'assistant').join(' ')),
          );
          const results = session.history.flatMap((item) => (item.type === 'function_call' ? [item.output] : []));
          assert.deepEqual(results, ['It is sunny in Oslo, 21 degrees.']);
          assert.ok(takeAudio().length > rateHz / 2, 'hardly any audio');
        });
      },
    },
    {
      name: 'RealtimeSession: an interruption by voice',
      attempt: (at, signal) => {
        const agent = new RealtimeAgent({ name: 'Stories', instructions: 'You tell long stories of a hundred words.' });
        return talking(at, signal, agent, async ({ session, say, count, reach, takeAudio }) => {
          let interruptions = 0;
          session.on('audio_interrupted', () => {
            interruptions += 1;
          });
          session.sendMessage('Tell me a long story about foxes.');
          let heard = 0;
          await until('a second of the story', signal, () => {
            heard += takeAudio().length;
            return heard > rateHz;
          });
          await say(at.material.order.samples);
          await reach('conversation.item.truncated', 1);
          await reach('response.done', 2);
          assert.ok(interruptions >= 1, 'it was not interrupted');
          assert.equal(count('conversation.item.truncated'), 1);
          assertHas(said(session.history, 'user').at(-1) ?? '', at.material.order.text);
        });
      },
    },
    {
      name: 'RealtimeSession: a client secret from the REST route, as browsers use it',
      attempt: async (at, signal) => {
        const answer = await fetch(`${at.url}/v1/realtime/client_secrets`, {
          method: 'POST',
          signal,
          headers: { authorization: `Bearer ${at.apiKey}`, 'content-type': 'application/json' },
          body: JSON.stringify({ session: { type: 'realtime', model: 'gpt-realtime' } }),
        });
        const { value } = (await answer.json()) as { readonly value: string };
        assert.match(value, /^ek_/);
        const agent = new RealtimeAgent({ name: 'Facts', instructions: 'Answer in one short sentence.' });
        await talking({ ...at, apiKey: value }, signal, agent, async ({ session, reach }) => {
          session.sendMessage('What is the capital of France? Answer with one word.');
          await reach('response.done', 1);
          await until('an answer', signal, () => /Paris/i.test(said(session.history, 'assistant').join(' ')));
        });
      },
    },
  ],
};
