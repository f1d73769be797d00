import { defaultAgent } from '../../src/agents/default-agent.js';
import { runServer } from '../../src/cli/start.js';
import { defaultPhraseTexts, renderVoicePhrases } from '../../src/conversation/phrases.js';
import { layersOf } from '../../src/main/layers.js';
import { modelAliases } from '../../src/main/model-aliases.js';
import { systemClock as clock } from '../../src/observability/system-clock.js';
import { Calls } from '../../src/platform/calls.js';
import { EngineRegistry } from '../../src/platform/engine-registry.js';
import { defaultLayerLimits } from '../../src/platform/layers/limits.js';
import { ScriptedEndOfTurn } from '../../src/testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../../src/testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../../src/testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../../src/testing/scripted-text-to-speech.js';
import { ScriptedVoiceActivity } from '../../src/testing/scripted-voice-activity.js';
import { houseReply, houseTranscript } from './house-words.js';

/** `parley start` as it is, with engines that take a moment instead of models. */
await runServer({
  bringUp: async ({ settings, log, readiness, signal, offer }) => {
    const tts = new ScriptedTextToSpeech({ clock, voices: [defaultAgent.voice], latencyMs: 5 });
    const stt = new ScriptedSpeechToText({ clock, transcripts: () => houseTranscript, finalLatencyMs: 5 });
    const languageModel = new ScriptedLanguageModel({
      clock,
      reply: houseReply,
      firstTokenMs: 5,
      tokenMs: 1,
      maxCalls: settings.maxCalls + defaultLayerLimits.maxChats,
    });
    const ears = {
      vad: new ScriptedVoiceActivity({ clock }),
      endOfTurn: new ScriptedEndOfTurn({ clock, latencyMs: 5 }),
    };
    const registry = new EngineRegistry({
      entries: [
        { task: 'chat', name: languageModel.name, make: () => languageModel },
        { task: 'transcribe', name: stt.name, make: () => stt },
        { task: 'speak', name: tts.name, make: () => tts },
      ],
      usual: { chat: [languageModel.name], transcribe: [stt.name], speak: [tts.name] },
      aliases: modelAliases,
      clock,
    });
    const texts = { ...defaultPhraseTexts, greeting: defaultAgent.greeting ?? defaultPhraseTexts.greeting };
    const phrases = await readiness.step('phrases', () => renderVoicePhrases(tts, defaultAgent.voice, texts, signal));
    offer(layersOf({ ...ears, registry }, clock), registry);
    return new Calls({
      engines: { ...ears, stt, tts, languageModel },
      agent: defaultAgent,
      phrases,
      modelHashes: {},
      maxCalls: settings.maxCalls,
      dataDir: settings.dataDir,
      clock,
      holdBackground: () => () => {},
      log,
    });
  },
});
