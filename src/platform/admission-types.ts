import type { SessionControls } from '../conversation/session-controls.js';
import type { SessionEvent } from '../conversation/session-events.js';
import type { TurnSettings } from '../conversation/turn/settings.js';
import type { ConverseOptions } from '../ports/speech-to-speech.js';
import type { Keyword } from '../ports/speech-to-text.js';
import type { Toolbox } from '../ports/tools.js';
import type { Transport } from '../ports/transport.js';

/** What a dialect knows of a call before it begins. Absent facts are the default agent's. */
export type CallFacts = {
  readonly callId?: string;
  /** Which door the call came in by. */
  readonly source: 'realtime' | 'waves-s2s';
  readonly instructions?: string;
  /** Text that the agent speaks first; false when the caller speaks first. With instructions of its own, so is absence. */
  readonly greeting?: string | false;
  readonly voice?: string;
  /** 1 is the voice's own pace. */
  readonly speed?: number;
  readonly turn?: TurnSettings;
  /** The same for a realtime model that holds the call, which has ways of its own. @defaultValue 'semantic' */
  readonly modelTurns?: ConverseOptions['turns'];
  /** Phrases that the caller is likely to say. */
  readonly keywords?: readonly Keyword[];
  readonly maxReplyTokens?: number;
  /** What the agent may call; whoever brings the call in carries it out. */
  readonly toolbox?: Toolbox;
  /** The agent writes instead of speaking: its words come as they are made, and nothing sounds. */
  readonly written?: boolean;
  /** The caller is only written down: nobody answers, and no language model is taken up. */
  readonly transcribeOnly?: boolean;
};

/** A call that has begun. */
export type AdmittedCall = {
  readonly callId: string;
  readonly controls: SessionControls;
  /** Resolves when the call is over. */
  readonly done: Promise<void>;
};

/**
 * Gives a call its agent and begins it. `observer` gets every event of the call in order, from before the promise
 * resolves.
 *
 * @throws ParleyError with status 503 (`calls.full`, `language_model.full`, `server.not_ready`) when there is no room.
 */
export type Admit = (
  facts: CallFacts,
  transport: Transport,
  observer: (event: SessionEvent) => void,
) => Promise<AdmittedCall>;
