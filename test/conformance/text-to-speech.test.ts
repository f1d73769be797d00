import { DeepgramTextToSpeech } from '../../src/engines/deepgram/text-to-speech.js';
import { ElevenLabsTextToSpeech } from '../../src/engines/elevenlabs/text-to-speech.js';
import { HibariTextToSpeech } from '../../src/engines/hibari/client.js';
import { ComputeGovernor } from '../../src/engines/host/governor.js';
import { OpenAiTextToSpeech } from '../../src/engines/openai/text-to-speech.js';
import { ScriptedService } from '../../src/engines/remote/scripted-service-fixture.js';
import { speaksPcm, speaksWithTimes } from '../../src/engines/remote/tone-services-fixture.js';
import { modelDir } from '../../src/models/cache.js';
import { ScriptedTextToSpeech } from '../../src/testing/scripted-text-to-speech.js';
import { ToneVocabulary } from '../../src/testing/tone-words.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { cacheDir, describeRealEngine } from './real-engine.js';
import { describeTextToSpeechConformance } from './text-to-speech.js';

describeTextToSpeechConformance('the scripted engine', async () => {
  const engine = new ScriptedTextToSpeech({ clock: new VirtualClock({ auto: true }) });
  return { engine, dispose: () => engine.close() };
});

describeRealEngine('hibari', ['hibari'], () => {
  describeTextToSpeechConformance('hibari', async () => {
    const engine = new HibariTextToSpeech({ modelDir: modelDir(cacheDir, 'hibari'), governor: new ComputeGovernor() });
    await engine.start();
    return { engine, dispose: () => engine.close() };
  });
});

const voices = ['one', 'two'];
const remote = [
  ['an OpenAI-compatible server', OpenAiTextToSpeech, speaksPcm],
  ['Deepgram', DeepgramTextToSpeech, speaksPcm],
  ['ElevenLabs', ElevenLabsTextToSpeech, speaksWithTimes],
] as const;

for (const [name, Engine, speaks] of remote)
  describeTextToSpeechConformance(`${name}, scripted,`, async () => {
    const service = await ScriptedService.open();
    speaks(service, new ToneVocabulary());
    const engine = new Engine({ ...service.api(), model: 'voice', voices });
    return { engine, dispose: () => service.close() };
  });
