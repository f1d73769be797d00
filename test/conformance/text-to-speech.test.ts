import { HibariTextToSpeech } from '../../src/engines/hibari/client.js';
import { ComputeGovernor } from '../../src/engines/host/governor.js';
import { modelDir } from '../../src/models/cache.js';
import { ScriptedTextToSpeech } from '../../src/testing/scripted-text-to-speech.js';
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
