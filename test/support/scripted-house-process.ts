import { defaultAgent } from '../../src/agents/default-agent.js';
import { runServer } from '../../src/cli/start.js';
import { defaultPhraseTexts, renderVoicePhrases } from '../../src/conversation/phrases.js';
import { systemClock as clock } from '../../src/observability/system-clock.js';
import { Calls } from '../../src/platform/calls.js';
import { ScriptedEndOfTurn } from '../../src/testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../../src/testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../../src/testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../../src/testing/scripted-text-to-speech.js';
import { ScriptedVoiceActivity } from '../../src/testing/scripted-voice-activity.js';
import { houseReply, houseTranscript } from './house-words.js';

/** `parley start` as it is, with engines that take a moment instead of models. */
await runServer({
  bringUp: async ({ settings, log, readiness, signal }) => {
    const tts = new ScriptedTextToSpeech({ clock, voices: [defaultAgent.voice], latencyMs: 5 });
    const texts = { ...defaultPhraseTexts, greeting: defaultAgent.greeting ?? defaultPhraseTexts.greeting };
    const phrases = await readiness.step('phrases', () => renderVoicePhrases(tts, defaultAgent.voice, texts, signal));
    return new Calls({
      engines: {
        vad: new ScriptedVoiceActivity({ clock }),
        stt: new ScriptedSpeechToText({ clock, transcripts: () => houseTranscript, finalLatencyMs: 5 }),
        endOfTurn: new ScriptedEndOfTurn({ clock, latencyMs: 5 }),
        tts,
        languageModel: new ScriptedLanguageModel({
          clock,
          reply: houseReply,
          firstTokenMs: 5,
          tokenMs: 1,
          maxCalls: settings.maxCalls,
        }),
      },
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
