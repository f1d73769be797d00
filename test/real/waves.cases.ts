import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openSocketClient, type SocketClient } from '../../src/api/sockets/socket-client-fixture.js';
import { encodePcm16 } from '../../src/audio/pcm.js';
import { writeWav } from '../../src/audio/wav.js';
import { recordedOrder, recordedSentence, roomTone } from '../conformance/recorded-speech.js';
import type { SharedServer } from './support/shared-server.js';

const frameBytes = 640;

const open = (url: string): Promise<SocketClient> => openSocketClient(url.replace(/^http/, 'ws'));

/** Sends frames as they are spoken. */
async function speak(pcm: Buffer, send: (frame: Buffer) => void): Promise<void> {
  const startedMs = performance.now();
  for (let at = 0; at < pcm.length; at += frameBytes) {
    send(pcm.subarray(at, at + frameBytes));
    await pause(Math.max(0, startedMs + at / 32 - performance.now()));
  }
}

const plain = (text: unknown): string[] =>
  String(text)
    .toLowerCase()
    .replace(/[^a-z ]/g, '')
    .split(' ');

/** Words that are in one and not in the other, by their number. */
function wordsApart(heard: unknown, said: string): number {
  const left = plain(said);
  const extra = plain(heard).filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return Math.max(extra.length, left.length);
}

export function wavesCases(server: () => SharedServer): void {
  describe('the Waves dialect', () => {
    it('writes a recording down, with times', async () => {
      const { samples, text } = await recordedSentence();
      const answer = await fetch(`${server().url}waves/v1/stt/?model=pulse&language=en&word_timestamps=true`, {
        method: 'POST',
        headers: { 'content-type': 'audio/wav' },
        body: new Uint8Array(writeWav([samples], 16_000)),
      });
      const reply = (await answer.json()) as { transcription: string; words: { start: number; end: number }[] };
      expect(wordsApart(reply.transcription, text)).toBeLessThanOrEqual(2);
      expect(reply.words.every(({ start, end }) => start < end)).toBe(true);
    }, 60_000);

    it('writes live audio down as it is spoken', async () => {
      const { samples, text } = await recordedSentence();
      const { socket, messages, until } = await open(
        `${server().url}waves/v1/stt/live?model=pulse&language=en&sample_rate=16000&full_transcript=true&eou_timeout_ms=500`,
      );
      await speak(encodePcm16(samples), (frame) => socket.send(frame));
      socket.send(JSON.stringify({ type: 'close_stream' }));
      const last = await until(({ is_last }) => is_last === true);
      expect(wordsApart(last.full_transcript, text)).toBeLessThanOrEqual(2);
      expect(messages.some(({ is_final: isFinal }) => isFinal === false)).toBe(true);
    }, 60_000);

    it('holds a call over one socket: hears an order, answers it, and says both in words too', async () => {
      const { samples } = await recordedOrder();
      const { socket, messages, until, send } = await open(`${server().url}waves/v1/s2s?model=hydra-v1.1`);
      const append = (frame: Buffer): void =>
        send({ type: 'input_audio_buffer.append', audio: frame.toString('base64') });
      send({
        type: 'session.configure',
        session: {
          instructions: 'You take orders in a coffee shop. One short sentence.',
          parley: { turn_metrics: true },
        },
      });
      await until(({ type }) => type === 'session.configured');
      await speak(encodePcm16(samples), append);
      const quiet = encodePcm16(roomTone(200));
      while (!messages.some(({ type }) => type === 'response.done')) await speak(quiet, append);
      const spoken = messages.filter(({ type }) => type === 'response.output_audio.delta');
      const audioMs = spoken.reduce((sum, { delta }) => sum + Buffer.from(String(delta), 'base64').length, 0) / 96;
      expect(audioMs).toBeGreaterThan(300);
      const transcript = 'conversation.item.input_audio_transcription.completed';
      const heard = await until(({ type }) => type === transcript);
      expect(plain(heard.transcript).length).toBeGreaterThan(2);
      const marks = await until(({ type }) => type === 'parley.turn');
      expect(Number(marks.response_latency_ms)).toBeGreaterThan(0);
      console.log(
        `heard "${String(heard.transcript)}", spoke ${Math.round(audioMs)} ms, ${String(marks.response_latency_ms)} ms after the caller`,
      );
      socket.close();
    }, 120_000);
  });
}
