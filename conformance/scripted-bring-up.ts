import { defaultAgent } from '../src/agents/default-agent.js';
import { changedAgent } from '../src/agents/definition.js';
import { defaultPhraseTexts, renderVoicePhrases } from '../src/conversation/phrases.js';
import { layersOf } from '../src/main/layers.js';
import { modelAliases } from '../src/main/model-aliases.js';
import type { BringUp } from '../src/main.js';
import { systemClock as clock } from '../src/observability/system-clock.js';
import { Calls } from '../src/platform/calls.js';
import { EngineRegistry } from '../src/platform/engine-registry.js';
import { defaultLayerLimits } from '../src/platform/layers/limits.js';
import { localEngine } from '../src/settings/parley-file.js';
import { ScriptedEndOfTurn } from '../src/testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../src/testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../src/testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../src/testing/scripted-text-to-speech.js';
import { ScriptedVoiceActivity } from '../src/testing/scripted-voice-activity.js';
import { decodedText } from '../src/testing/tone-decoder.js';
import { hearingRateHz } from './material.js';
import { scriptedReply, toneWords } from './scripted-engines.js';

/** In place of the local models: engines that hear and speak in tones and reply by a script. Remote ones are as they are. */
export async function scriptedBringUp({
  settings,
  file,
  remote,
  log,
  readiness,
  signal,
  offer,
}: BringUp): Promise<Calls> {
  const vocabulary = toneWords();
  const vad = new ScriptedVoiceActivity({ clock });
  const endOfTurn = new ScriptedEndOfTurn({ clock, latencyMs: 5 });
  const local = { name: 'scripted', aliases: [localEngine] };
  const registry = new EngineRegistry({
    entries: [
      {
        ...local,
        task: 'chat',
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
        ...local,
        task: 'transcribe',
        make: () =>
          new ScriptedSpeechToText({
            clock,
            finalLatencyMs: 5,
            transcripts: ({ samples }) => decodedText(samples, { rateHz: hearingRateHz, vocabulary }),
          }),
      },
      {
        ...local,
        task: 'speak',
        make: () => new ScriptedTextToSpeech({ clock, vocabulary, voices: [defaultAgent.voice], latencyMs: 5 }),
      },
      ...remote.entries(log),
    ],
    usual: { chat: file.agent.llm, transcribe: file.agent.stt, speak: file.agent.tts },
    aliases: modelAliases,
    clock,
  });
  const tts = registry.textToSpeech();
  const voice = tts.voices[0] ?? defaultAgent.voice;
  const { definition } = file.agent;
  const own = definition.instructions !== defaultAgent.instructions;
  const agent = own ? definition : changedAgent(definition, { voice, greeting: 'Welcome.', examples: [] });
  const texts = { ...defaultPhraseTexts, greeting: agent.greeting ?? defaultPhraseTexts.greeting };
  const phrases = await readiness.step('phrases', () => renderVoicePhrases(tts, agent.voice, texts, signal));
  offer(layersOf({ vad, endOfTurn, registry }, clock), registry);
  return new Calls({
    engines: { vad, endOfTurn, tts, stt: registry.speechToText(), languageModel: registry.languageModel() },
    agent,
    phrases,
    modelHashes: {},
    maxCalls: settings.maxCalls,
    dataDir: settings.dataDir,
    clock,
    holdBackground: () => () => {},
    log,
  });
}
