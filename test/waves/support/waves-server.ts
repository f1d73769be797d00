import fastify, { type FastifyInstance } from 'fastify';
import { registerOpenApi } from '../../../src/api/openapi/register-openapi.js';
import { SocketRoutes } from '../../../src/api/sockets/socket-routes.js';
import { UpgradeRouter } from '../../../src/api/sockets/upgrade-router.js';
import { wavesAliases } from '../../../src/api/waves/common/model-aliases.js';
import { registerWaves } from '../../../src/api/waves/common/register-waves.js';
import { layersOf } from '../../../src/main/layers.js';
import { systemClock as clock } from '../../../src/observability/system-clock.js';
import { createAccess, type ServerAccess } from '../../../src/platform/access/create-access.js';
import { createClientSecrets } from '../../../src/platform/client-secrets.js';
import { EngineRegistry } from '../../../src/platform/engine-registry.js';
import { readNewKey } from '../../../src/platform/keys/key-fields.js';
import { Keys } from '../../../src/platform/keys/keys.js';
import { createTokens } from '../../../src/platform/keys/tokens.js';
import { PronunciationDictionaries } from '../../../src/platform/pronunciations/dictionaries.js';
import { ScriptedEndOfTurn } from '../../../src/testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../../../src/testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../../../src/testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../../../src/testing/scripted-text-to-speech.js';
import { ScriptedVoiceActivity } from '../../../src/testing/scripted-voice-activity.js';
import { decodedText } from '../../../src/testing/tone-decoder.js';
import { ToneVocabulary } from '../../../src/testing/tone-words.js';
import { Databases } from '../../store/support/databases.js';

export type WavesServer = {
  readonly url: string;
  /** The same for sockets. */
  readonly wsUrl: string;
  /** The key of the server, which may do everything. */
  readonly apiKey: string;
  readonly tts: ScriptedTextToSpeech;
  readonly vocabulary: ToneVocabulary;
  /** What went wrong unseen. */
  readonly faults: readonly unknown[];
  /** Makes another key. */
  createKey(scopes: readonly string[]): Promise<string>;
  /** Every path that is served, as `POST /waves/v1/tts`. */
  readonly routes: readonly string[];
  close(): Promise<void>;
};

export type WavesServerOptions = {
  /** What the voice does with a clause. */
  readonly fail?: NonNullable<ConstructorParameters<typeof ScriptedTextToSpeech>[0]['fail']>;
};

/** Waves over scripted engines and an embedded database. */
export async function startWaves({ fail }: WavesServerOptions = {}): Promise<WavesServer> {
  const apiKey = 'the-key-of-the-server';
  const databases = new Databases();
  const store = databases.open(await databases.fresh('embedded'));
  const key = new Uint8Array(32);
  const tokens = createTokens({ key });
  const clientSecrets = createClientSecrets({ key });
  const access: ServerAccess = createAccess({ apiKey, exposed: false, clientSecrets, tokens, store });
  const vocabulary = new ToneVocabulary();
  const tts = new ScriptedTextToSpeech({
    clock,
    vocabulary,
    latencyMs: 1,
    voices: ['heart'],
    ...(fail ? { fail } : {}),
  });
  const stt = new ScriptedSpeechToText({
    clock,
    finalLatencyMs: 1,
    transcripts: ({ samples }) => decodedText(samples, { rateHz: 16_000, vocabulary }),
  });
  const model = new ScriptedLanguageModel({
    clock,
    firstTokenMs: 1,
    tokenMs: 1,
    reply: () => 'I am well, thank you.',
  });
  const engines = {
    entries: [
      { task: 'chat' as const, name: 'local', make: () => model },
      { task: 'transcribe' as const, name: 'local', make: () => stt },
      { task: 'speak' as const, name: 'local', make: () => tts },
    ],
    usual: { chat: ['local'], transcribe: ['local'], speak: ['local'] },
    aliases: { chat: wavesAliases.chat, transcribe: wavesAliases.transcription, speak: wavesAliases.speech },
    clock,
  };
  const layers = layersOf(
    {
      vad: new ScriptedVoiceActivity({ clock }),
      endOfTurn: new ScriptedEndOfTurn({ clock }),
      registry: new EngineRegistry(engines),
    },
    clock,
  );
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => {
    faults.push(error);
  };
  const server: FastifyInstance = fastify({ logger: false, forceCloseConnections: true });
  const routes: string[] = [];
  server.addHook('onRoute', ({ url, method }) => {
    for (const each of [method].flat()) if (each !== 'HEAD') routes.push(`${each} ${url}`);
  });
  const sockets = new SocketRoutes({
    router: new UpgradeRouter(server.server),
    access,
    ready: () => true,
    onFault,
  });
  await registerWaves(server, {
    layers: () => layers,
    clock,
    access,
    tokens,
    sockets,
    dictionaries: new PronunciationDictionaries(store),
    onFault,
  });
  registerOpenApi(server);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    wsUrl: url.replace('http', 'ws'),
    apiKey,
    tts,
    vocabulary,
    faults,
    routes,
    async createKey(scopes) {
      const created = await new Keys(store).create(readNewKey({ name: 'another', scopes }, new Date()));
      access.keysChanged();
      return created.secret;
    },
    async close() {
      await sockets.close();
      await server.close();
      await access.close();
      await databases.close();
    },
  };
}
