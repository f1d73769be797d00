import { armDeadAir } from './dead-air.js';
import { armIdle, say } from './replying.js';
import type { TurnState } from './state.js';
import { type Step, stay, step } from './step.js';
import { talkOf } from './talk-settings.js';
import { withTalk } from './talk-state.js';
import { noToolWait } from './tool-wait.js';

/** How soon it is looked again when the caller has the floor just now. */
const lookAgainMs = 1_000;

/** Nothing was audible for too long: fillers, then an apology. A result that comes after all is answered all the same. */
export function bridgeTool(state: TurnState, seenMs: number): Step {
  const { tool, written } = state.talk;
  if (!tool) return stay(state);
  if (state.listening.phase !== 'quiet') return step(state, armDeadAir(seenMs + lookAgainMs));
  // Whoever reads sees that something is being done, or sees nothing.
  if (written) return step(noToolWait(state), armIdle(state, seenMs));
  if (tool.fillers < talkOf(state.settings).working.mostFillers)
    return say(withTalk(state, { tool: { fillers: tool.fillers + 1 } }), 'filler');
  return say(noToolWait(state), 'apology');
}
