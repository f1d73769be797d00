import type { ParleyTurnEvent } from '../../../src/client/server-events.js';
import type { ServerStatus } from '../server/server-status.js';
import type { Activity } from './call/call-types.js';
import type { Captions } from './conversation/captions.js';
import type { Help } from './help/problems.js';
import type { Microphone } from './settings/devices.js';
import type { Preferences } from './settings/preferences.js';

/** Everything that the talk page shows, except levels, which change too often for it. */
export type TalkState = {
  readonly server: ServerStatus;
  /** Undefined: no call. */
  readonly call: RunningCall | undefined;
  readonly captions: Captions;
  /** Of this call, or of the last one; oldest first. */
  readonly turns: readonly ParleyTurnEvent[];
  readonly help: Help | undefined;
  readonly preferences: Preferences;
  readonly microphones: readonly Microphone[];
  readonly apiKey: string | undefined;
  /** For screen readers: what has just happened, in a sentence. */
  readonly announcement: string;
};

export type RunningCall = {
  readonly activity: Activity;
  /** False: the caller types. */
  readonly microphoneOn: boolean;
  readonly muted: boolean;
  /** Push-to-talk: the caller holds the button. */
  readonly held: boolean;
};

/** The one word for what goes on. */
export type Mood =
  | 'loading'
  | 'unreachable'
  | 'failed'
  | 'draining'
  /** The server asks for a key. */
  | 'locked'
  | 'idle'
  | Activity
  /** The caller has to do something before the agent listens. */
  | 'waiting';

export function moodOf(state: TalkState): Mood {
  const { server, call, preferences } = state;
  if (call !== undefined) {
    const waits = !call.microphoneOn || (preferences.mode === 'push-to-talk' && !call.held);
    return call.activity === 'listening' && waits ? 'waiting' : call.activity;
  }
  if (server.kind === 'ready') return canCall(state) ? 'idle' : 'locked';
  return server.kind === 'unknown' ? 'loading' : server.kind;
}

/** Whether a call can begin now. */
export function canCall({ server, call, apiKey }: TalkState): boolean {
  if (call !== undefined || server.kind !== 'ready') return false;
  return !server.keyRequired || (apiKey !== undefined && !server.keyRefused);
}

/** Whether a key was given that the server does not know. */
export function isKeyRefused({ server, apiKey }: TalkState): boolean {
  return apiKey !== undefined && server.kind === 'ready' && server.keyRefused;
}
