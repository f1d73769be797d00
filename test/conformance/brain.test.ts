import { defaultAgent } from '../../src/agents/default-agent.js';
import { PromptBrain } from '../../src/agents/prompt-brain.js';
import { ScriptedBrain } from '../../src/testing/scripted-brain.js';
import { ScriptedLanguageModel } from '../../src/testing/scripted-language-model.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { describeBrainConformance } from './brain.js';

const reply = 'Sure, a large coffee with milk. Anything else?';

describeBrainConformance('the scripted brain', async () => ({
  brain: new ScriptedBrain({ clock: new VirtualClock({ auto: true }), answer: () => reply }),
  dispose: async () => {},
}));

for (const prefill of [true, false])
  describeBrainConformance(`a prompt over a model ${prefill ? 'with' : 'without'} prefill`, async () => {
    const clock = new VirtualClock({ auto: true });
    const model = new ScriptedLanguageModel({ clock, reply, prefill, prefillTokenMs: 5 });
    return { brain: new PromptBrain({ model, agent: defaultAgent }), dispose: () => model.close() };
  });
