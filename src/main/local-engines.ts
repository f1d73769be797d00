import { join } from 'node:path';
import { type AgentDefinition, agentDefaults } from '../agents/definition.js';
import { promptPrefix } from '../agents/prompt-brain.js';
import { defaultTurnSettings } from '../conversation/turn/settings.js';
import { HibariTextToSpeech } from '../engines/hibari/client.js';
import type { ComputeGovernor } from '../engines/host/governor.js';
import type { HostLogEvent } from '../engines/host/host-process.js';
import { LlamaLanguageModel } from '../engines/llama/client.js';
import { MoonshineSpeechToText } from '../engines/moonshine/client.js';
import { type SileroLogEvent, SileroVoiceActivity } from '../engines/silero/client.js';
import { SmartTurnEndOfTurn } from '../engines/smart-turn/client.js';
import type { ModelPaths } from '../models/fetch.js';
import { defaultLayerLimits } from '../platform/layers/limits.js';
import { type Expectation, expectationOf, type MachineFigures, measureMachine } from '../platform/self-test.js';
import type { Settings } from '../settings/settings.js';

/** What answers calls on this machine alone; made, but not started. */
export type LocalEngines = {
  readonly vad: SileroVoiceActivity;
  readonly endOfTurn: SmartTurnEndOfTurn;
  readonly stt: MoonshineSpeechToText;
  readonly tts: HibariTextToSpeech;
  readonly languageModel: LlamaLanguageModel;
};

type Means = {
  readonly settings: Pick<Settings, 'cacheDir' | 'maxCalls'>;
  readonly governor: ComputeGovernor;
};

export function createLocalEngines(
  models: ModelPaths,
  { settings, governor, log }: Means & { readonly log: (event: HostLogEvent | SileroLogEvent) => void },
): LocalEngines {
  return {
    vad: new SileroVoiceActivity({ modelPath: models['silero-vad'].files['silero_vad.onnx'], log }),
    endOfTurn: new SmartTurnEndOfTurn({
      modelPath: models['smart-turn-v3.2'].files['smart-turn-v3.2-cpu.onnx'],
      governor,
      log,
    }),
    stt: new MoonshineSpeechToText({ modelDir: models['moonshine-tiny-en'].dir, governor, log }),
    tts: new HibariTextToSpeech({ modelDir: models.hibari.dir, governor, log }),
    languageModel: new LlamaLanguageModel({
      modelPath: models['qwen2.5-coder-1.5b-instruct'].files['qwen2.5-coder-1.5b-instruct-q4_k_m.gguf'],
      stateDir: join(settings.cacheDir, 'prompts'),
      // Replies that are asked for by themselves take no call's place.
      maxCalls: settings.maxCalls + defaultLayerLimits.maxChats,
      governor,
      log,
    }),
  };
}

/** Runs one named step of bringing something up. */
export type RunStep = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** Starts all engines beside one another. */
export async function startLocalEngines(engines: LocalEngines, step: RunStep): Promise<void> {
  const { vad, endOfTurn, stt, tts, languageModel } = engines;
  await Promise.all([
    step('voice activity', () => vad.start()),
    step('end of turn', () => endOfTurn.start()),
    step('speech to text', () => stt.start()),
    step('text to speech', () => tts.start()),
    step('language model', () => languageModel.start()),
  ]);
}

/**
 * What this machine does with the engines, which must be warm and idle, and what calls may expect of it.
 * @param options.agent its prompt is computed already
 * @throws what `measureMachine` throws
 */
export async function measureEngines(
  engines: LocalEngines,
  { settings, governor, agent, signal }: Means & { readonly agent: AgentDefinition; readonly signal: AbortSignal },
): Promise<{ readonly figures: MachineFigures; readonly expect: Expectation }> {
  const { voice } = agentDefaults;
  const measured = { ...engines, voice, prefix: promptPrefix(agent), cores: governor.cores };
  const figures = await measureMachine(measured, signal);
  const { minWaitMs } = defaultTurnSettings.endpointing;
  return { figures, expect: expectationOf(figures, { minWaitMs, maxCalls: settings.maxCalls }) };
}
