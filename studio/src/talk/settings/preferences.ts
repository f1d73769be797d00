import type { TalkMode } from '../call/call-types.js';

/** What a caller chose, kept in this browser. */
export type Preferences = {
  readonly mode: TalkMode;
  /** Undefined: the browser's default microphone. */
  readonly deviceId: string | undefined;
  /** Off only with headphones: without it the agent hears itself. */
  readonly echoCancellation: boolean;
  /** Whether a screen reader says the captions while they come; the agent is heard anyway. */
  readonly announceCaptions: boolean;
  readonly timingOpen: boolean;
};

export const defaultPreferences: Preferences = {
  mode: 'hands-free',
  deviceId: undefined,
  echoCancellation: true,
  announceCaptions: false,
  timingOpen: false,
};

const preferencesKey = 'parley.talk';
const apiKeyKey = 'parley.key';

export function readPreferences(): Preferences {
  const stored = parse(read(local, preferencesKey));
  const flag = (key: 'echoCancellation' | 'announceCaptions' | 'timingOpen'): boolean =>
    typeof stored[key] === 'boolean' ? stored[key] : defaultPreferences[key];
  return {
    mode: stored.mode === 'push-to-talk' ? 'push-to-talk' : defaultPreferences.mode,
    deviceId: typeof stored.deviceId === 'string' ? stored.deviceId : defaultPreferences.deviceId,
    echoCancellation: flag('echoCancellation'),
    announceCaptions: flag('announceCaptions'),
    timingOpen: flag('timingOpen'),
  };
}

export function writePreferences(preferences: Preferences): void {
  write(local, preferencesKey, JSON.stringify(preferences));
}

/** The key is kept for this tab only. */
export function readApiKey(): string | undefined {
  return read(session, apiKeyKey) || undefined;
}

export function writeApiKey(key: string): void {
  write(session, apiKeyKey, key);
}

// Browsers that block storage throw at its mention: then nothing is kept, and everything else works.
const local = (): Storage => window.localStorage;
const session = (): Storage => window.sessionStorage;

function read(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

function write(storage: () => Storage, key: string, value: string): void {
  try {
    storage().setItem(key, value);
  } catch {
    // Not kept.
  }
}

function parse(json: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
