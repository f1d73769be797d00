import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
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
import {
  openSocketClient,
  refusalOf,
  type SocketClient,
  type SocketClientOptions,
  type SocketRefused,
} from '../../sockets/socket-client-fixture.js';
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
  connect(target: string, options?: SocketClientOptions): Promise<SocketClient>;
  /** How an upgrade is refused. */
  refused(target: string, options?: SocketClientOptions): Promise<SocketRefused>;
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
  const clients: SocketClient[] = [];
  return {
    url: `http://${address}`,
    faults,
    async connect(target, clientOptions) {
      const client = await openSocketClient(`ws://${address}${target}`, clientOptions);
      clients.push(client);
      return client;
    },
    refused: (target, clientOptions) => refusalOf(`ws://${address}${target}`, clientOptions),
    async close() {
      for (const { socket } of clients) socket.terminate();
      await sockets.close();
      await server.close();
    },
  };
}
