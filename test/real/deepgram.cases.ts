import { DeepgramClient } from '@deepgram/sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeAudioFile } from '../../src/audio/decode.js';
import { encodePcm16 } from '../../src/audio/pcm.js';
import type { SharedServer } from './support/shared-server.js';

const text = 'The weather is lovely today. We are going to walk along the river.';
const plain = (written: string): string => written.toLowerCase().replace(/[^a-z ]/g, '');

type Heard = {
  readonly type: string;
  readonly is_final?: boolean;
  readonly event?: string;
  readonly transcript?: string;
  readonly trigger?: string;
  readonly channel?: { readonly alternatives: readonly { readonly transcript: string }[] };
};

export function deepgramCases(server: () => SharedServer): void {
  describe('Deepgram’s client', () => {
    let client: DeepgramClient;
    let spoken: Uint8Array;
    let pcm: Buffer;

    beforeAll(async () => {
      client = new DeepgramClient({ apiKey: 'none', baseUrl: server().url.replace(/\/$/, '') });
      const answer = await client.speak.v1.audio.generate({
        text,
        model: 'aura-2-thalia-en',
        encoding: 'linear16',
        sample_rate: 16_000,
      });
      spoken = new Uint8Array(await answer.arrayBuffer());
      const { channels } = await decodeAudioFile(spoken);
      // A microphone goes on after the last word.
      pcm = Buffer.concat([encodePcm16(channels[0] ?? new Float32Array(0)), Buffer.alloc(16_000 * 2 * 2)]);
    });

    it('reads what it has had spoken', async () => {
      const answer = await client.listen.v1.media.transcribeFile(Buffer.from(spoken), {
        model: 'nova-3',
        punctuate: true,
      });
      const { results } = answer as unknown as { results: { channels: { alternatives: { transcript: string }[] }[] } };
      expect(plain(results.channels[0]?.alternatives[0]?.transcript ?? '')).toBe(plain(text));
    }, 60_000);

    it('hears it live', async () => {
      const options = { model: 'nova-3', encoding: 'linear16', sample_rate: 16_000, endpointing: 500 };
      const socket = await client.listen.v1.connect({ ...options, reconnectAttempts: 0 } as never);
      socket.connect();
      await socket.waitForOpen();
      const finals: string[] = [];
      const done = new Promise<void>((resolve) => {
        socket.on('message', (message: unknown) => {
          const { type, is_final, channel } = message as Heard;
          if (type === 'Results' && is_final) finals.push(channel?.alternatives[0]?.transcript ?? '');
          if (type === 'Metadata') resolve();
        });
      });
      for (let at = 0; at < pcm.length; at += 3_200) socket.sendMedia(pcm.subarray(at, at + 3_200));
      socket.sendCloseStream({ type: 'CloseStream' });
      await done;
      socket.close();
      expect(plain(finals.join(' '))).toBe(plain(text));
    }, 60_000);

    it('follows its turns', async () => {
      const options = { model: 'flux-general-en', encoding: 'linear16', sample_rate: 16_000, eot_threshold: 0.7 };
      const socket = await client.listen.v2.connect({ ...options, reconnectAttempts: 0 } as never);
      socket.connect();
      await socket.waitForOpen();
      const ends: Heard[] = [];
      const closed = new Promise<void>((resolve) => {
        socket.on('message', (message: unknown) => {
          if ((message as Heard).event === 'EndOfTurn') ends.push(message as Heard);
        });
        socket.on('close', () => resolve());
      });
      for (let at = 0; at < pcm.length; at += 3_200) socket.sendMedia(pcm.subarray(at, at + 3_200));
      socket.sendCloseStream({ type: 'CloseStream' });
      await closed;
      expect(plain(ends.map(({ transcript }) => transcript).join(' '))).toBe(plain(text));
      expect(ends.at(-1)?.trigger).not.toBe('manual');
    }, 60_000);
  });
}
