import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentDefaults } from '../../src/agents/definition.js';
import { createControlServer } from '../../src/api/control/server.js';
import { registerClientSecrets } from '../../src/api/openai/client-secrets/client-secrets-route.js';
import { attachRealtime } from '../../src/api/openai/realtime/attach-realtime.js';
import { defaultPhraseTexts, renderVoicePhrases } from '../../src/conversation/phrases.js';
import { systemClock as clock } from '../../src/observability/system-clock.js';
import { keyedAccess } from '../../src/platform/access/keyed-access-fixture.js';
import { Calls } from '../../src/platform/calls.js';
import { createClientSecrets } from '../../src/platform/client-secrets.js';
import { ModelsInUse } from '../../src/platform/models-in-use.js';
import { Readiness } from '../../src/platform/readiness.js';
import { serverKey } from '../../src/platform/server-key.js';
import { serverIdentity } from '../../src/platform/tls/identity.js';
import type { ChatMessage } from '../../src/ports/language-model.js';
import type { TextToSpeech } from '../../src/ports/text-to-speech.js';
import { ScriptedEndOfTurn } from '../../src/testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../../src/testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../../src/testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../../src/testing/scripted-text-to-speech.js';
import { ScriptedVoiceActivity } from '../../src/testing/scripted-voice-activity.js';
import { decodedText } from '../../src/testing/tone-decoder.js';
import { ToneVocabulary } from '../../src/testing/tone-words.js';

const hearingRateHz = 16_000;

export type ScriptedAgent = {
  /** `https://localhost:PORT`. */
  readonly url: string;
  /** The certificate that the server made for itself, PEM, and the file it is in. */
  readonly ca: string;
  readonly trustFile: string;
  /** Whose tones the server understands. */
  readonly callerVocabulary: ToneVocabulary;
  /** Whose tones it speaks. */
  readonly agentVocabulary: ToneVocabulary;
  /** The conversation as the model saw it, for each reply it began. */
  readonly asked: readonly (readonly ChatMessage[])[];
  /** Every clause that the voice was given. */
  readonly spoken: readonly string[];
  close(): Promise<void>;
};

/**
 * The server with everything but its engines: these are scripted, and hear and speak in tones, a tone for each word, in
 * real time. It speaks https and wss with a certificate of its own making.
 */
export async function startScriptedAgent(options: {
  readonly apiKey: string;
  readonly reply: (said: string) => string;
}): Promise<ScriptedAgent> {
  const { apiKey, reply } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-agent-'));
  const callerVocabulary = new ToneVocabulary();
  const agentVocabulary = new ToneVocabulary();
  const asked: (readonly ChatMessage[])[] = [];
  const spoken: string[] = [];
  const voice = new ScriptedTextToSpeech({ clock, vocabulary: agentVocabulary });
  const tts: TextToSpeech = {
    name: voice.name,
    rateHz: voice.rateHz,
    voices: voice.voices,
    speak: (wanted) => {
      spoken.push(wanted.text);
      return voice.speak(wanted);
    },
    close: () => voice.close(),
  };
  const agent = {
    ...agentDefaults,
    name: 'test',
    voice: 'tones',
    greeting: 'Welcome.',
    instructions: 'You sell coffee.',
    examples: [],
  };
  const calls = new Calls({
    engines: {
      vad: new ScriptedVoiceActivity({ clock }),
      endOfTurn: new ScriptedEndOfTurn({ clock }),
      stt: new ScriptedSpeechToText({
        clock,
        transcripts: ({ samples }) => decodedText(samples, { rateHz: hearingRateHz, vocabulary: callerVocabulary }),
      }),
      tts,
      languageModel: new ScriptedLanguageModel({
        clock,
        firstTokenMs: 40,
        tokenMs: 10,
        reply: (said, messages) => {
          asked.push([...messages]);
          return reply(said);
        },
      }),
    },
    agent,
    phrases: await renderVoicePhrases(
      tts,
      'tones',
      { ...defaultPhraseTexts, greeting: agent.greeting },
      AbortSignal.timeout(10_000),
    ),
    modelHashes: {},
    maxCalls: 2,
    dataDir,
    clock,
    holdBackground: () => () => {},
    log: { info: () => {}, warn: () => {}, error: () => {}, words: () => {} },
  });
  const identity = await serverIdentity({ files: undefined, dataDir, host: '127.0.0.1' });
  const readiness = new Readiness();
  readiness.done();
  const secrets = createClientSecrets({ key: await serverKey({ secret: undefined, dataDir }) });
  const access = keyedAccess(apiKey, secrets);
  const http = await createControlServer({ readiness, models: new ModelsInUse([]), access, tls: identity });
  const entry = {
    access,
    defaults: { instructions: agent.instructions, greeting: agent.greeting, voices: ['tones'] },
  };
  await registerClientSecrets(http, { ...entry, secrets });
  const realtime = attachRealtime(http.server, { ...entry, admit: calls.admit, ready: () => true });
  const { port } = new URL(await http.listen({ host: '127.0.0.1', port: 0 }));
  return {
    url: `https://localhost:${port}`,
    ca: identity.cert,
    trustFile: identity.trustFile ?? '',
    callerVocabulary,
    agentVocabulary,
    asked,
    spoken,
    async close() {
      await calls.close();
      await realtime.close();
      await http.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
