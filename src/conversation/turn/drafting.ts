import { mayDraftEarly } from './draft-budget.js';
import type { TurnCommand } from './events.js';
import type { FrozenTranscript, Pausing, TurnState } from './state.js';
import { type Step, stay, step } from './step.js';

type Prospects = {
  /** How long urgent work has waited for a core lately; undefined where nobody knows. */
  readonly queueMs: number | undefined;
  /** The caller is in the middle of an answer: this is hardly the end. */
  readonly unlikely: boolean;
};

/**
 * A reply is prepared as soon as a transcript is frozen, beside the wait for the end of the turn, as long as enough of
 * what is prepared is used. Nothing of it is heard before the turn is committed.
 */
export function drafted(state: TurnState, pausing: Pausing, text: string, { queueMs, unlikely }: Prospects): Step {
  const { respond, drafting } = state.settings;
  const ready = (draft: Ready['draft']): TurnState => ({
    ...state,
    listening: { ...pausing, transcript: { status: 'ready', text, draft } },
  });
  if (!respond) return stay(ready('none'));
  const early = !(drafting && unlikely) && mayDraftEarly(drafting, state.drafts, queueMs);
  if (!pausing.forced && !early) return stay(ready('put-off'));
  return beginDraft(ready('made'), pausing, text);
}

type Ready = Extract<FrozenTranscript, { status: 'ready' }>;

/** A draft that was put off begins when enough of the wait has passed without a word. */
export function draftedLate(state: TurnState, pausing: Pausing, silenceMs: number, waitMs: number): Step {
  const { transcript } = pausing;
  const { drafting, respond } = state.settings;
  if (transcript.status !== 'ready' || transcript.draft !== 'put-off' || !drafting || !respond) return stay(state);
  // Speech that has begun again, and may not count: it may not be the end at all.
  if (pausing.resumedMs > 0 || silenceMs < drafting.lateShare * waitMs) return stay(state);
  const made: Pausing = { ...pausing, transcript: { ...transcript, draft: 'made' } };
  return beginDraft({ ...state, listening: made }, pausing, transcript.text);
}

function beginDraft(state: TurnState, { turn, revision }: Pausing, text: string): Step {
  const { drafting } = state.settings;
  const drafts = drafting ? [...state.drafts, false].slice(-drafting.lastDrafts) : state.drafts;
  return step({ ...state, drafts }, { type: 'draft', turn, revision, text });
}

/** The draft that was begun last has become the reply. */
export function draftAdopted(drafts: readonly boolean[]): readonly boolean[] {
  return drafts.length === 0 ? drafts : [...drafts.slice(0, -1), true];
}

/** What is left of a suspected end that was none. */
export function forgetDraft(pausing: Pausing): readonly TurnCommand[] {
  return pausing.transcript.status === 'ready' && isBegun(pausing.transcript.draft)
    ? [{ type: 'discard', turn: pausing.turn, revision: pausing.revision }]
    : [];
}

/** Before the commit a failed draft only means that the commit has to begin it anew. */
export function draftFailedInPause(state: TurnState, turn: number, revision: number): Step | undefined {
  const { listening } = state;
  if (listening.phase !== 'pause' || listening.turn !== turn || listening.revision !== revision) return undefined;
  if (listening.transcript.status !== 'ready' || !isBegun(listening.transcript.draft)) return undefined;
  return stay({ ...state, listening: { ...listening, transcript: { ...listening.transcript, draft: 'failed' } } });
}

function isBegun(draft: Ready['draft']): boolean {
  return draft === 'made' || draft === 'failed';
}
