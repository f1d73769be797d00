import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession } from '@openai/agents-realtime';
import { beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { scoreOrderReply } from '../../bench/scoring/order-slots.js';
import { decodeAudioFile } from '../../src/audio/decode.js';
import { decodePcm16, encodePcm16 } from '../../src/audio/pcm.js';
import { resample } from '../../src/audio/resample.js';
import { monoOf, readWav } from '../../src/audio/wav.js';
import { readClips } from '../../src/cli/call/call-files.js';
import { callerClip } from '../../src/cli/call/clip.js';
import { runCall } from '../../src/cli/call/run-call.js';
import { nodeSockets } from '../../src/client/node-socket.js';
import { parseEventLog } from '../../src/conversation/read-event-log.js';
import { replay } from '../../src/conversation/replay.js';
import { fixtureRecordingsOf } from '../fixtures/recordings.js';
import { Microphone } from '../support/microphone.js';
import type { SharedServer } from './support/shared-server.js';

const callMs = 120_000;
const order = fixtureRecordingsOf('order').find(({ slots }) => slots.coffeeDrink === 'cappuccino');
const nextOrder = fixtureRecordingsOf('order').find(({ slots }) => slots.coffeeDrink !== 'cappuccino');

type Event = { readonly type: string } & Record<string, unknown>;

/** Calls over the realtime protocol. They have to be the first of their server. */
export function callCases(server: () => SharedServer): void {
  describe('calls', () => {
    let url: string;
    beforeAll(() => {
      if (!order || !nextOrder) throw new Error('The recordings have no two orders.');
      url = server().realtime;
    });

    it(
      'a recorded order is answered in speech with what was ordered',
      async () => {
        const result = await runCall({ url, clips: await readClips([order?.path ?? '']), openSocket: nodeSockets() });
        expect(result.serverErrors).toEqual([]);
        const [turn] = result.turns;
        expect(turn?.outcome).toBe('answered');
        expect(turn?.cutOff).toBe(false);
        const score = scoreOrderReply(turn?.reply ?? '', { intent: order?.intent ?? '', slots: order?.slots ?? {} });
        expect(score.containsSlot, turn?.reply).toBe(true);
        expect(result.agent.some((sample) => Math.abs(sample) > 0.1)).toBe(true);
        const mark = turn?.marks.at(-1);
        // The waterfall adds up, by its definition.
        const { response_latency_ms, eou_delay_ms, ready_ms, transport_out_ms } =
          mark ?? ({} as NonNullable<typeof mark>);
        expect(eou_delay_ms + Math.max(0, ready_ms - eou_delay_ms) + transport_out_ms).toBeCloseTo(
          response_latency_ms,
          0,
        );
      },
      callMs,
    );

    it(
      'speech over the agent stops it, and the caller is answered',
      async () => {
        const [first] = await readClips([order?.path ?? '']);
        if (!first || !nextOrder) throw new Error('The recordings have no two orders.');
        // Without the silence in front of it, so that it falls into the agent's reply.
        const samples = (await at24k(nextOrder.path)).subarray(24 * (nextOrder.speechStartMs - 60));
        const second = await callerClip('interruption', { channels: [samples], rateHz: 24_000 });
        const result = await runCall({ url, clips: [first, second], openSocket: nodeSockets(), bargeInMs: 300 });
        expect(result.turns.map(({ outcome }) => outcome)).toEqual(['interrupted', 'answered']);
        expect(result.dialogue.some(({ who, interrupted }) => who === 'agent' && interrupted)).toBe(true);
      },
      callMs,
    );

    it(
      'the agents-realtime package holds a spoken turn with nothing but the address changed',
      async () => {
        const samples = await at24k(order?.path ?? '');
        const agent = new RealtimeAgent({
          name: 'Counter',
          instructions: 'You take orders for coffee. Say the order back in one short sentence.',
        });
        const session = new RealtimeSession(agent, { transport: new OpenAIRealtimeWebSocket({ url }) });
        const events: Event[] = [];
        let loudest = 0;
        session.on('transport_event', (event) => events.push(event as Event));
        session.on('error', () => {});
        session.on('audio', ({ data }) => {
          for (const sample of decodePcm16(Buffer.from(data))) loudest = Math.max(loudest, Math.abs(sample));
        });
        await session.connect({ apiKey: 'any' });
        const microphone = new Microphone({
          rateHz: 24_000,
          send: (frame) => session.sendAudio(new Uint8Array(encodePcm16(frame)).buffer),
        });
        try {
          await microphone.say(samples);
          await expect
            .poll(() => events.filter(({ type }) => type === 'response.done').length, { timeout: 60_000 })
            .toBeGreaterThan(0);
        } finally {
          microphone.stop();
          session.close();
        }
        // Nothing that the package sends is refused.
        expect(events.filter(({ error }) => (error as Event | undefined)?.type === 'invalid_request_error')).toEqual(
          [],
        );
        expect(words(events)).toMatch(/cappuccino/i);
        expect(loudest).toBeGreaterThan(0.1);
        expect(session.history.map((item) => (item.type === 'message' ? item.role : item.type))).toEqual([
          'user',
          'assistant',
        ]);
        // The next call needs this one's place.
        await pause(300);
      },
      callMs,
    );

    it(
      'five seconds of audio at once are one turn with one answer',
      async () => {
        const samples = await at24k(order?.path ?? '');
        const events = await converse(url, async (send) => {
          send({ type: 'input_audio_buffer.append', audio: encodePcm16(samples).toString('base64') });
        });
        expect(events.filter(({ type }) => type === 'error')).toEqual([]);
        expect(words(events)).toMatch(/cappuccino/i);
        expect(events.filter(({ type }) => type === 'input_audio_buffer.committed').length).toBe(1);
        expect(events.some(({ type }) => type === 'response.output_audio.delta')).toBe(true);
      },
      callMs,
    );

    it(
      'a network that stalls for two seconds in the middle of the order loses no word of it',
      async () => {
        const samples = await at24k(order?.path ?? '');
        const stallAt = Math.round(24 * ((order?.speechStartMs ?? 0) + 900));
        const events = await converse(url, async (send) => {
          for (let at = 0; at < samples.length; at += 480) {
            if (at <= stallAt && stallAt < at + 480) await pause(2_000);
            send({
              type: 'input_audio_buffer.append',
              audio: encodePcm16(samples.subarray(at, at + 480)).toString('base64'),
            });
            await pause(18);
          }
        });
        expect(words(events)).toMatch(/small.*cappuccino/i);
        expect(events.filter(({ type }) => type === 'input_audio_buffer.committed').length).toBe(1);
      },
      callMs,
    );

    it(
      'rubbish is answered with errors, and the call goes on',
      async () => {
        const samples = await at24k(order?.path ?? '');
        const events = await converse(url, async (send, socket) => {
          socket.send('{"type": "input_audio');
          socket.send('[1, 2]');
          socket.send(Buffer.from([0, 1, 2, 3]));
          send({ type: 'no.such.event', event_id: 'mine' });
          send({ type: 'input_audio_buffer.append', audio: 'not base64!' });
          send({ type: 'input_audio_buffer.append', audio: encodePcm16(samples).toString('base64') });
        });
        const errors = events.filter(({ type }) => type === 'error').map(({ error }) => error as Event);
        expect(errors.length).toBe(5);
        expect(errors.find(({ event_id }) => event_id === 'mine')).toBeDefined();
        expect(words(events)).toMatch(/cappuccino/i);
      },
      callMs,
    );

    it(
      'a call too many is refused with the reason, and the others go on',
      async () => {
        const open = async (
          headers: Record<string, string> = {},
        ): Promise<{ socket: WebSocket; events: Event[]; closed: Promise<number> }> => {
          const socket = new WebSocket(url, { headers });
          const events: Event[] = [];
          const closed = new Promise<number>((resolve) => socket.on('close', resolve));
          socket.on('message', (data) => events.push(JSON.parse(data.toString()) as Event));
          await new Promise((resolve, reject) => {
            socket.once('open', resolve);
            socket.once('error', reject);
          });
          socket.send(
            JSON.stringify({ type: 'session.update', session: { type: 'realtime', parley: { greeting: false } } }),
          );
          await expect.poll(() => events.length, { timeout: 5_000 }).toBeGreaterThan(1);
          return { socket, events, closed };
        };
        const calls = [await open(), await open()];
        await expect(open()).rejects.toThrow('503');
        // A page is not shown the answer to an upgrade: it is told over the socket.
        const refused = await open({ origin: new URL(url.replace('ws', 'http')).origin });
        expect(await refused.closed).toBe(1013);
        expect(JSON.stringify(refused.events)).toMatch(/calls\.full/);
        for (const { socket, closed } of calls) {
          expect(socket.readyState).toBe(WebSocket.OPEN);
          socket.close();
          await closed;
        }
        await pause(300);
      },
      callMs,
    );

    it('the log of every call replays: equal commands, each with the effect it should have', async () => {
      const callsDir = join(server().dataDir, 'calls');
      const calls = await readdir(callsDir);
      let answered = 0;
      for (const call of calls) {
        const report = replay(parseEventLog(await readFile(join(callsDir, call, 'events.jsonl'), 'utf8')));
        expect(report.differences).toEqual([]);
        expect(report.disagreements).toEqual([]);
        // Calls in which nobody spoke hold nothing to hear.
        if (report.commands < 6) continue;
        answered += 1;
        const recording = readWav(new Uint8Array(await readFile(join(callsDir, call, 'recording.wav'))));
        expect(recording.channels.length).toBe(2);
        expect(recording.channels[1]?.some((sample) => Math.abs(sample) > 0.1)).toBe(true);
      }
      expect(answered).toBeGreaterThanOrEqual(5);
    });
  });
}

async function at24k(file: string): Promise<Float32Array> {
  const { channels, rateHz } = await decodeAudioFile(new Uint8Array(await readFile(file)));
  return resample(monoOf(channels), rateHz, 24_000);
}

/** What the server understood. */
function words(events: readonly Event[]): string {
  return events
    .filter(({ type }) => type === 'conversation.item.input_audio_transcription.completed')
    .map(({ transcript }) => transcript)
    .join(' ');
}

type Send = (event: Record<string, unknown>) => void;

/** One call, caller first: sends what `speak` sends and returns all events until the first reply is done. */
async function converse(url: string, speak: (send: Send, socket: WebSocket) => Promise<void>): Promise<Event[]> {
  const socket = new WebSocket(url);
  const events: Event[] = [];
  const send: Send = (event) => socket.send(JSON.stringify(event));
  const answered = new Promise<void>((resolve, reject) => {
    socket.on('message', (data) => {
      const event = JSON.parse(data.toString()) as Event;
      events.push(event);
      if (event.type === 'response.done') resolve();
    });
    socket.on('close', (code, reason) => reject(new Error(`The server closed: ${code} ${reason.toString()}`)));
    socket.on('error', reject);
  });
  answered.catch(() => {});
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  send({ type: 'session.update', session: { type: 'realtime', parley: { greeting: false } } });
  await speak(send, socket);
  await answered;
  socket.close();
  // The next call needs this one's place.
  await pause(300);
  return events;
}
