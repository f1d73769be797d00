import { SileroVoiceActivity } from '../../src/engines/silero/client.js';
import { modelPath } from '../../src/models/cache.js';
import { ScriptedVoiceActivity } from '../../src/testing/scripted-voice-activity.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { cacheDir, describeRealEngine } from './real-engine.js';
import { describeVoiceActivityConformance } from './voice-activity.js';

describeVoiceActivityConformance('the scripted engine', async () => {
  const engine = new ScriptedVoiceActivity({ clock: new VirtualClock({ auto: true }), latencyMs: 5 });
  return { engine, dispose: () => engine.close() };
});

describeRealEngine('silero', ['silero-vad'], () => {
  describeVoiceActivityConformance('silero', async () => {
    const engine = new SileroVoiceActivity({ modelPath: modelPath(cacheDir, 'silero-vad', 'silero_vad.onnx') });
    await engine.start();
    return { engine, dispose: () => engine.close() };
  });
});
