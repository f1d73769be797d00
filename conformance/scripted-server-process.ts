import { defaultAgent } from '../src/agents/default-agent.js';
import { runServer } from '../src/cli/start.js';
import { defaultPhraseTexts, renderVoicePhrases } from '../src/conversation/phrases.js';
import { layersOf } from '../src/main/layers.js';
import { modelAliases } from '../src/main/model-aliases.js';
import { systemClock as clock } from '../src/observability/system-clock.js';
import { Calls } from '../src/platform/calls.js';
import { EngineRegistry } from '../src/platform/engine-registry.js';
import { defaultLayerLimits } from '../src/platform/layers/limits.js';
import { ScriptedEndOfTurn } from '../src/testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../src/testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../src/testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../src/testing/scripted-text-to-speech.js';
import { ScriptedVoiceActivity } from '../src/testing/scripted-voice-activity.js';
import { decodedText } from '../src/testing/tone-decoder.js';
import { hearingRateHz } from './material.js';
import { scriptedReply, toneWords } from './scripted-engines.js';

/** `parley start --tls` as it is, with engines that hear and speak in tones and reply by a script. */
await runServer(
  {
    bringUp: async ({ settings, file, remote, log, readiness, signal, offer }) => {
      const vocabulary = toneWords();
      const vad = new ScriptedVoiceActivity({ clock });
      const endOfTurn = new ScriptedEndOfTurn({ clock, latencyMs: 5 });
      const registry = new EngineRegistry({
        entries: [
          {
            task: 'chat',
            name: 'local',
            make: () =>
              new ScriptedLanguageModel({
                clock,
                reply: scriptedReply,
                firstTokenMs: 20,
                tokenMs: 5,
                maxCalls: settings.maxCalls + defaultLayerLimits.maxChats,
              }),
          },
          {
            task: 'transcribe',
            name: 'local',
            make: () =>
              new ScriptedSpeechToText({
                clock,
                finalLatencyMs: 5,
                transcripts: ({ samples }) => decodedText(samples, { rateHz: hearingRateHz, vocabulary }),
              }),
          },
          {
            task: 'speak',
            name: 'local',
            make: () => new ScriptedTextToSpeech({ clock, vocabulary, voices: [defaultAgent.voice], latencyMs: 5 }),
          },
          ...remote.entries,
        ],
        usual: { chat: file.agent.llm, transcribe: file.agent.stt, speak: file.agent.tts },
        aliases: modelAliases,
        clock,
      });
      const tts = registry.textToSpeech();
      const voice = tts.voices[0] ?? defaultAgent.voice;
      const texts = { ...defaultPhraseTexts, greeting: 'Welcome.' };
      const phrases = await readiness.step('phrases', () => renderVoicePhrases(tts, voice, texts, signal));
      offer(layersOf({ vad, endOfTurn, registry }, clock));
      return new Calls({
        engines: { vad, endOfTurn, tts, stt: registry.speechToText(), languageModel: registry.languageModel() },
        agent: { ...defaultAgent, voice, greeting: 'Welcome.', examples: [] },
        phrases,
        modelHashes: {},
        maxCalls: settings.maxCalls,
        dataDir: settings.dataDir,
        clock,
        holdBackground: () => () => {},
        log,
      });
    },
  },
  { tls: true },
);
