import type { TurnState } from './state.js';
import { talkOf } from './talk-settings.js';

/** Whether a silent caller is asked to say something: only after the agent has spoken, and where the caller speaks too. */
function prompts(state: TurnState): boolean {
  const { settings, talk, nextReply } = state;
  const spoken = settings.detection === 'auto' && !talk.written && !talk.muted;
  return spoken && nextReply > 0 && talkOf(settings).prompts.most > 0;
}

/** How long nobody speaks before something happens: a prompt, or the goodbye. */
export function idleAfterMs(state: TurnState): number {
  const { settings, talk } = state;
  const { idleHangUpMs, manualIdleHangUpMs } = settings.silence;
  // Somebody may be typing, or has a reason not to be heard.
  if (settings.detection === 'manual' || talk.written || talk.muted) return manualIdleHangUpMs;
  return prompts(state) ? talkOf(settings).prompts.afterMs : idleHangUpMs;
}

/** Whether a caller who has been silent is asked once more. */
export function promptsAgain(state: TurnState): boolean {
  return prompts(state) && state.talk.prompts < talkOf(state.settings).prompts.most;
}
