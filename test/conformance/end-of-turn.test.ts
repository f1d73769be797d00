import { ComputeGovernor } from '../../src/engines/host/governor.js';
import { SmartTurnEndOfTurn } from '../../src/engines/smart-turn/client.js';
import { modelPath } from '../../src/models/cache.js';
import { ScriptedEndOfTurn } from '../../src/testing/scripted-end-of-turn.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { describeEndOfTurnConformance } from './end-of-turn.js';
import { cacheDir, describeRealEngine } from './real-engine.js';

describeEndOfTurnConformance('the scripted engine', async () => {
  const engine = new ScriptedEndOfTurn({ clock: new VirtualClock({ auto: true }), probability: 0.7 });
  return { engine, dispose: () => engine.close() };
});

describeRealEngine('smart-turn', ['smart-turn-v3.2'], () => {
  describeEndOfTurnConformance('smart-turn', async () => {
    const engine = new SmartTurnEndOfTurn({
      modelPath: modelPath(cacheDir, 'smart-turn-v3.2', 'smart-turn-v3.2-cpu.onnx'),
      governor: new ComputeGovernor(),
    });
    await engine.start();
    return { engine, dispose: () => engine.close() };
  });
});
