import { DeepgramSpeechToText } from '../engines/deepgram/speech-to-text.js';
import { DeepgramTextToSpeech } from '../engines/deepgram/text-to-speech.js';
import { ElevenLabsSpeechToText } from '../engines/elevenlabs/speech-to-text.js';
import { ElevenLabsTextToSpeech } from '../engines/elevenlabs/text-to-speech.js';
import { OpenAiLanguageModel } from '../engines/openai/language-model.js';
import { OpenAiSpeechToText } from '../engines/openai/speech-to-text.js';
import { OpenAiTextToSpeech } from '../engines/openai/text-to-speech.js';
import { OpenAiRealtime } from '../engines/openai-realtime/speech-to-speech.js';
import { type ApiKey, readApiKey } from '../engines/remote/api-key.js';
import type { RemoteApiOptions } from '../engines/remote/remote-api.js';
import type { Log } from '../observability/log.js';
import { systemClock } from '../observability/system-clock.js';
import { type EngineEntry, EngineRegistry } from '../platform/engine-registry.js';
import { localEngine, type ModelSettings, type ParleyFile } from '../settings/parley-file.js';
import type { LocalEngines } from './local-engines.js';
import { modelAliases } from './model-aliases.js';

export type RemoteEngines = {
  readonly entries: (log: Log) => readonly EngineEntry[];
  /** What no line of the log may contain. */
  readonly secrets: readonly string[];
};

/**
 * The engines that parley.yaml names. Nothing is connected yet.
 * @throws ParleyError `remote.no_key` where a variable that it names is empty
 */
export function remoteEngines(file: ParleyFile, env: Readonly<Record<string, string | undefined>>): RemoteEngines {
  const keys = new Map<string, ApiKey>();
  for (const { keyVariable } of file.models)
    if (keyVariable !== undefined) keys.set(keyVariable, readApiKey(keyVariable, env));
  return {
    entries: (log) => file.models.map((settings) => entryOf(settings, keys.get(settings.keyVariable ?? ''), log)),
    secrets: [...keys.values()].map((key) => key.reveal()),
  };
}

/** Everything that a request may name: what runs on this machine, and what parley.yaml adds. */
export function enginesInUse(
  local: LocalEngines,
  { file, remote, log }: { readonly file: ParleyFile; readonly remote: RemoteEngines; readonly log: Log },
): EngineRegistry {
  return new EngineRegistry({
    entries: [
      { task: 'chat', name: local.languageModel.name, aliases: [localEngine], make: () => local.languageModel },
      { task: 'transcribe', name: local.stt.name, aliases: [localEngine], make: () => local.stt },
      { task: 'speak', name: local.tts.name, aliases: [localEngine], make: () => local.tts },
      ...remote.entries(log),
    ],
    usual: { chat: file.agent.llm, transcribe: file.agent.stt, speak: file.agent.tts },
    aliases: modelAliases,
    clock: systemClock,
    onFallback: ({ from, to, error }) =>
      log.warn({ from, to, detail: error.message }, 'an engine failed, another one goes on'),
  });
}

/** Voices of the agent's usual voice engine, the agent's own first. */
export function agentVoices({ agent, models }: ParleyFile): readonly string[] {
  const { voice } = agent.definition;
  const others = models.find(({ name }) => name === agent.tts[0])?.voices ?? [];
  return [voice, ...others.filter((other) => other !== voice)];
}

function entryOf(settings: ModelSettings, key: ApiKey | undefined, log: Log): EngineEntry {
  const { name, task, kind, model, provider, url, firstByteMs, idleMs, language, voices = [] } = settings;
  const deadlines = {
    ...(firstByteMs === undefined ? {} : { firstByteMs }),
    ...(idleMs === undefined ? {} : { idleMs }),
  };
  const options: RemoteApiOptions & { readonly model: string } = {
    model,
    provider,
    url,
    key,
    clock: systemClock,
    deadlines,
  };
  switch (task) {
    case 'chat': {
      const { context_tokens: contextTokens, continuation, temperature, tools } = settings;
      const onNoTools = (refusal: { readonly model: string; readonly detail: string }): void =>
        log.warn(refusal, 'a server takes no tools; its model is asked to write calls as JSON');
      return {
        task,
        name,
        make: () => new OpenAiLanguageModel({ ...options, contextTokens, continuation, temperature, tools, onNoTools }),
      };
    }
    case 'transcribe': {
      if (kind === 'deepgram') return { task, name, make: () => new DeepgramSpeechToText({ ...options, language }) };
      if (kind === 'elevenlabs')
        return { task, name, make: () => new ElevenLabsSpeechToText({ ...options, language }) };
      const { word_times: wordTimes } = settings;
      return { task, name, make: () => new OpenAiSpeechToText({ ...options, language, wordTimes }) };
    }
    case 'speak': {
      if (kind === 'deepgram') return { task, name, make: () => new DeepgramTextToSpeech({ ...options, voices }) };
      if (kind === 'elevenlabs') return { task, name, make: () => new ElevenLabsTextToSpeech({ ...options, voices }) };
      const { sample_rate: rateHz } = settings;
      return { task, name, make: () => new OpenAiTextToSpeech({ ...options, voices, rateHz }) };
    }
    case 'converse':
      return { task, name, make: () => new OpenAiRealtime({ ...options, voices }) };
  }
}
