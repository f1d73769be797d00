import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { createParser } from 'eventsource-parser';
import { Configuration, WavesClient } from 'smallestai';
import { decodePcm16 } from '../../src/audio/pcm.js';
import type { ConformanceCase, ConformanceClient, Surroundings } from '../case.js';
import { assertSaid, assertSpoken } from '../checks.js';
import { installed } from '../installed.js';

const rateHz = 24_000;
const waves = ({ url, apiKey }: Pick<Surroundings, 'url' | 'apiKey'>): WavesClient =>
  new WavesClient(new Configuration({ accessToken: apiKey, basePath: url }));

/** Voices are not cloned here, and whoever asks for it is told so: anything else would be an answer that does nothing. */
const refused = (
  call: string,
  attempt: (client: WavesClient, at: Surroundings) => Promise<unknown>,
): ConformanceCase => ({
  name: `${call} is refused with 501: no engine clones voices`,
  attempt: async (at) => {
    await assert.rejects(
      async () => attempt(waves(at), at),
      (error: { readonly response?: { readonly status: number } }) => error.response?.status === 501,
    );
  },
});

/** Smallest.ai's package for JavaScript, which asks for the oldest of its routes. */
export const smallestNode: ConformanceClient = {
  name: 'smallestai',
  version: installed('smallestai'),
  cases: [
    ...(['lightning', 'lightning-large'] as const).flatMap((model) => [
      {
        name: `synthesize ${model}, raw`,
        attempt: async (at: Surroundings, signal: AbortSignal) => {
          const { data } = await waves(at).synthesize(
            model,
            { text: at.material.text, voice_id: 'emily', sample_rate: rateHz, add_wav_header: false },
            { signal },
          );
          await assertSaid(at, { samples: decodePcm16(new Uint8Array(data)), rateHz }, at.material.text);
        },
      },
      {
        name: `synthesize ${model}, with a header`,
        attempt: async (at: Surroundings, signal: AbortSignal) => {
          const { data } = await waves(at).synthesize(
            model,
            { text: at.material.text, voice_id: 'emily', sample_rate: rateHz, speed: 1, add_wav_header: true },
            { signal },
          );
          await assertSpoken(at, new Uint8Array(data), at.material.text);
        },
      },
    ]),
    {
      name: 'synthesizeStream',
      attempt: async (at, signal) => {
        const { data } = await waves(at).synthesizeStream(
          { text: at.material.text, voice_id: 'roma', sample_rate: rateHz, add_wav_header: false, language: 'en' },
          { signal },
        );
        const parts: Buffer[] = [];
        // As the package's own example reads it.
        const parser = createParser({
          onEvent: ({ event, data: text }) => {
            if (event === 'chunk') parts.push(Buffer.from(JSON.parse(text).audio, 'base64'));
          },
        });
        for await (const chunk of data as unknown as Readable) parser.feed(String(chunk));
        await assertSaid(at, { samples: decodePcm16(Buffer.concat(parts)), rateHz }, at.material.text);
      },
    },
    {
      name: 'getWavesVoices',
      attempt: async (at, signal) => {
        const { data } = await waves(at).getWavesVoices('lightning', { signal });
        assert.ok(data.voices.length > 0);
        for (const voice of data.voices) assert.equal(typeof voice.voiceId, 'string');
      },
    },
    refused('addVoiceToModel', (client, at) =>
      client.addVoiceToModel('Mine', new File([Buffer.from(at.material.sentenceWav)], 'me.wav')),
    ),
    refused('getClonedVoices', (client) => client.getClonedVoices()),
    refused('deleteVoiceClone', (client) => client.deleteVoiceClone({ voiceId: 'voice_1' })),
    {
      name: 'a wrong key is refused with 401',
      attempt: async (at, signal) => {
        await assert.rejects(
          async () => waves({ url: at.url, apiKey: 'another-key' }).getWavesVoices('lightning', { signal }),
          (error: { readonly response?: { readonly status: number } }) => error.response?.status === 401,
        );
      },
    },
  ],
};
