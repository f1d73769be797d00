import type { Admit } from '../../../platform/admission-types.js';
import type { ParleyError } from '../../../ports/errors.js';
import type { SessionDefaults } from './effective-session.js';

/** What holds the calls of sessions: the agent of this server, or a realtime model behind a network. */
export type SessionModel = {
  readonly admit: Admit;
  /** What a call would be refused for if it came now. */
  readonly noRoom: () => ParleyError | undefined;
  readonly defaults: SessionDefaults;
};
