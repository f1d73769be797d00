import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { type ClientOptions, WebSocket } from 'ws';
import { layersOf } from '../../../main/layers.js';
import { modelAliases } from '../../../main/model-aliases.js';
import { systemClock as clock } from '../../../observability/system-clock.js';
import type { Access } from '../../../platform/access/access.js';
import { keyedAccess } from '../../../platform/access/keyed-access-fixture.js';
import { EngineRegistry } from '../../../platform/engine-registry.js';
import { createTokens } from '../../../platform/keys/tokens.js';
import type { LayerLimits } from '../../../platform/layers/limits.js';
import { defaultLayerLimits } from '../../../platform/layers/limits.js';
import { PronunciationDictionaries } from '../../../platform/pronunciations/dictionaries.js';
import { Store } from '../../../store/store.js';
import { ScriptedEndOfTurn } from '../../../testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../../../testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../../../testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../../../testing/scripted-text-to-speech.js';
import { ScriptedVoiceActivity } from '../../../testing/scripted-voice-activity.js';
import { decodedText } from '../../../testing/tone-decoder.js';
import { speakTones, ToneVocabulary } from '../../../testing/tone-words.js';
import { registerOpenApi } from '../../openapi/register-openapi.js';
import { SocketRoutes } from '../../sockets/socket-routes.js';
import { UpgradeRouter } from '../../sockets/upgrade-router.js';
import { registerWaves } from '../common/register-waves.js';

const vocabulary = new ToneVocabulary();

/** Words as tones, which the scripted recogniser understands. */
export function said(text: string, rateHz = 16_000): Float32Array {
  return speakTones(text, { rateHz, vocabulary }).samples;
}

export type SttServer = {
  readonly url: string;
  readonly faults: unknown[];
  connect(target: string, options?: ClientOptions): Promise<SttClient>;
  /** The status and body of an upgrade that is refused. */
  refused(target: string, options?: ClientOptions): Promise<{ readonly status: number; readonly body: unknown }>;
  close(): Promise<void>;
};

/** Transcription in the Waves dialect over engines that do what a test says. */
export async function startStt(
  options: { readonly access?: Access; readonly limits?: Partial<LayerLimits>; readonly fetchPrivate?: boolean } = {},
): Promise<SttServer> {
  const { access = keyedAccess(), limits, fetchPrivate = false } = options;
  const stt = new ScriptedSpeechToText({
    clock,
    finalLatencyMs: 1,
    partialLatencyMs: 1,
    transcripts: ({ samples }) => decodedText(samples, { rateHz: 16_000, vocabulary }),
  });
  const layers = layersOf(
    {
      vad: new ScriptedVoiceActivity({ clock }),
      endOfTurn: new ScriptedEndOfTurn({ clock }),
      registry: new EngineRegistry({
        entries: [
          { task: 'chat', name: 'local', make: () => new ScriptedLanguageModel({ clock, reply: () => '' }) },
          { task: 'transcribe', name: 'local', make: () => stt },
          { task: 'speak', name: 'local', make: () => new ScriptedTextToSpeech({ clock, vocabulary }) },
        ],
        usual: { chat: ['local'], transcribe: ['local'], speak: ['local'] },
        aliases: modelAliases,
        clock,
      }),
    },
    clock,
    { ...defaultLayerLimits, ...limits },
  );
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => void faults.push(error);
  const server = fastify({ logger: false, forceCloseConnections: true });
  const sockets = new SocketRoutes({ router: new UpgradeRouter(server.server), access, ready: () => true, onFault });
  const store = new Store({ databaseUrl: undefined, dataDir: '/nonexistent', onEvent: () => {} });
  await registerWaves(server, {
    layers: () => layers,
    clock,
    access,
    onFault,
    tokens: createTokens({ key: new Uint8Array(32) }),
    dictionaries: new PronunciationDictionaries(store),
    fetchPrivate,
    sockets,
  });
  registerOpenApi(server);
  await server.listen({ host: '127.0.0.1', port: 0 });
  const address = `127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const clients: SttClient[] = [];
  return {
    url: `http://${address}`,
    faults,
    async connect(target, clientOptions) {
      const client = await openClient(new WebSocket(`ws://${address}${target}`, clientOptions));
      clients.push(client);
      return client;
    },
    refused(target, clientOptions) {
      const socket = new WebSocket(`ws://${address}${target}`, clientOptions);
      return new Promise((resolve, reject) => {
        socket.once('open', () => reject(new Error('it was not refused')));
        socket.once('unexpected-response', (_request, response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(parts).toString()) }),
          );
        });
        socket.on('error', () => {});
      });
    },
    async close() {
      for (const { socket } of clients) socket.terminate();
      await sockets.close();
      await server.close();
    },
  };
}

export type SttMessage = Readonly<Record<string, unknown>> & { readonly type: string };

export type SttClient = {
  readonly socket: WebSocket;
  readonly messages: readonly SttMessage[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Sends audio as it is, in frames of 4,096 bytes. */
  stream(bytes: Uint8Array): void;
  tell(message: object): void;
  /** The first message that is such a one, of those that are there and those to come. */
  until(isIt: (message: SttMessage) => boolean): Promise<SttMessage>;
};

async function openClient(socket: WebSocket): Promise<SttClient> {
  const messages: SttMessage[] = [];
  let wake = (): void => {};
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as SttMessage);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  return {
    socket,
    messages,
    closed,
    stream(bytes) {
      for (let at = 0; at < bytes.length; at += 4_096) socket.send(bytes.subarray(at, at + 4_096));
    },
    tell: (message) => socket.send(JSON.stringify(message)),
    async until(isIt) {
      for (let from = 0; ; ) {
        const found = messages.slice(from).find(isIt);
        if (found) return found;
        from = messages.length;
        if (socket.readyState === WebSocket.CLOSED) throw new Error(`closed; it had sent ${JSON.stringify(messages)}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
