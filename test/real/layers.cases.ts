import OpenAI, { toFile } from 'openai';
import { describe, expect, it } from 'vitest';
import type { SharedServer } from './support/shared-server.js';

export function layerCases(server: () => SharedServer): void {
  describe('speech, transcription and chat by themselves', () => {
    const client = (): OpenAI => new OpenAI({ apiKey: 'none', baseURL: `${server().url}v1`, maxRetries: 0 });

    it('writes down what it has spoken, through MP3', async () => {
      const openai = client();
      const input = 'The weather is lovely today. We are going to walk along the river.';
      const spoken = await openai.audio.speech.create({ input, model: 'tts-1', voice: 'alloy' });
      const file = await toFile(Buffer.from(await spoken.arrayBuffer()), 'weather.mp3');
      const { text, words } = await openai.audio.transcriptions.create({
        file,
        model: 'whisper-1',
        response_format: 'verbose_json',
        timestamp_granularities: ['word'],
      });
      const plain = (written: string): string => written.toLowerCase().replace(/[^a-z ]/g, '');
      expect(plain(text)).toBe(plain(input));
      expect(words).toHaveLength(input.split(' ').length);
    }, 60_000);

    it('answers in any JSON object, and calls a tool', async () => {
      const openai = client();
      const object = await openai.chat.completions.create({
        model: 'gpt-4o-mini',
        messages: [{ role: 'user', content: 'Give the capital of France as JSON with the key "capital".' }],
        response_format: { type: 'json_object' },
        max_completion_tokens: 60,
      });
      expect(JSON.parse(object.choices[0]?.message.content ?? '')).toMatchObject({ capital: 'Paris' });
      const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
      const called = await openai.chat.completions.create({
        model: 'gpt-4o-mini',
        messages: [{ role: 'user', content: 'What is the weather in Oslo right now?' }],
        tools: [
          {
            type: 'function',
            function: { name: 'get_weather', description: 'The current weather of a city.', parameters: city },
          },
        ],
      });
      expect(called.choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: { tool_calls: [{ function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }] },
      });
    }, 120_000);
  });
}
