import fastify from 'fastify';
import { samplesOf } from '../../audio/frame.js';
import { encodePcm16 } from '../../audio/pcm.js';
import { systemClock as clock } from '../../observability/system-clock.js';
import { keyedAccess } from '../../platform/access/keyed-access-fixture.js';
import { createTokens } from '../../platform/keys/tokens.js';
import { createChatLayer } from '../../platform/layers/chat/chat.js';
import { EngineTable } from '../../platform/layers/engine-table.js';
import type { Layers } from '../../platform/layers/layers.js';
import { defaultLayerLimits } from '../../platform/layers/limits.js';
import { createSpeechLayer } from '../../platform/layers/speech/speech.js';
import { createTranscriptionLayer } from '../../platform/layers/transcription/transcription.js';
import { ScriptedEndOfTurn } from '../../testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../../testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../../testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../../testing/scripted-text-to-speech.js';
import { ScriptedVoiceActivity } from '../../testing/scripted-voice-activity.js';
import { decodedText } from '../../testing/tone-decoder.js';
import { speakTones, ToneVocabulary } from '../../testing/tone-words.js';
import { registerOpenApi } from '../openapi/register-openapi.js';
import { SocketRoutes } from '../sockets/socket-routes.js';
import { UpgradeRouter } from '../sockets/upgrade-router.js';
import { registerDeepgram } from './register-deepgram.js';

export const apiKey = 'the-key-of-the-server';
export const rateHz = 16_000;

export type DeepgramServer = Awaited<ReturnType<typeof startDeepgram>>;

/** The dialect over scripted engines, whose words are tones: what is said is what is heard. */
export async function startDeepgram(
  options: { readonly probability?: number | readonly number[]; readonly maxLive?: number } = {},
) {
  const vocabulary = new ToneVocabulary();
  const tts = new ScriptedTextToSpeech({ clock, vocabulary, latencyMs: 1, voices: ['heart'] });
  const stt = new ScriptedSpeechToText({
    clock,
    finalLatencyMs: 1,
    partialLatencyMs: 1,
    transcripts: ({ samples }) => decodedText(samples, { rateHz, vocabulary }),
  });
  const model = new ScriptedLanguageModel({ clock, reply: () => 'Nobody asks.' });
  const limits = { ...defaultLayerLimits, maxLiveTranscriptions: options.maxLive ?? 16 };
  const table = <E>(job: string, engine: E) =>
    new EngineTable<E>(job, [{ id: 'scripted', ownedBy: 'parley', aliases: [], engine }]);
  const layers: Layers = {
    speech: createSpeechLayer({ models: table('speech', tts), clock, limits }),
    transcription: createTranscriptionLayer({
      models: table('transcription', stt),
      vad: new ScriptedVoiceActivity({ clock }),
      endOfTurn: new ScriptedEndOfTurn({ clock, latencyMs: 1, probability: options.probability ?? 0.98 }),
      clock,
      limits,
    }),
    chat: createChatLayer({ models: table('chat', model), clock, limits }),
  };
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => void faults.push(error);
  const server = fastify({ logger: false, forceCloseConnections: true });
  const tokens = createTokens({ key: new Uint8Array(32) });
  const access = keyedAccess(apiKey);
  const router = new UpgradeRouter(server.server);
  const sockets = new SocketRoutes({ router, access, ready: () => true, onFault });
  await registerDeepgram(server, {
    layers: () => layers,
    clock,
    sockets,
    access,
    tokens,
    onFault,
    fetchPrivate: true,
  });
  registerOpenApi(server);
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const said = (text: string): Float32Array => speakTones(text, { rateHz, vocabulary }).samples;
  const silence = (ms: number): Float32Array => new Float32Array(samplesOf(ms, rateHz));
  return {
    url,
    socketUrl: url.replace('http:', 'ws:'),
    faults,
    vocabulary,
    said,
    silence,
    heard: (samples: Float32Array, hz: number) => decodedText(samples, { rateHz: hz, vocabulary }),
    pcm: (...parts: readonly Float32Array[]) => Buffer.concat(parts.map(encodePcm16)),
    async close() {
      await sockets.close();
      await server.close();
    },
  };
}
