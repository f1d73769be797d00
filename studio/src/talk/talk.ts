import { type ServerStatus, type StatusWatch, watchServerStatus } from '../server/server-status.js';
import { startCall } from './call/call.js';
import type { Call, CallEnd, CallObserver, CallStats, TalkMode } from './call/call-types.js';
import {
  settled,
  withAgentClause,
  withCallerTurn,
  withCallerWords,
  withDroppedTurn,
  withInterruption,
  withTypedWords,
} from './conversation/captions.js';
import { closeProblem, type Help, startProblem, statusHelp } from './help/problems.js';
import { listMicrophones, watchMicrophones } from './settings/devices.js';
import {
  type Preferences,
  readApiKey,
  readPreferences,
  writeApiKey,
  writePreferences,
} from './settings/preferences.js';
import { canCall, isKeyRefused, type RunningCall, type TalkState } from './talk-state.js';

const maxTurns = 100;
const warningMs = 8_000;

/** The talk page without its looks: a state that changes, and what a caller can do. */
export type Talk = {
  state(): TalkState;
  subscribe(listener: () => void): () => void;
  /** Watches the server and the microphones until the returned function is called. */
  open(): () => void;
  /** Begins a call by voice. Call it in a click or key press. */
  talk(): void;
  hangUp(): void;
  interrupt(): void;
  /** Says something in writing; begins a call without a microphone when there is none. */
  type(text: string): void;
  hold(): void;
  release(): void;
  setMuted(muted: boolean): void;
  setPreferences(change: Partial<Preferences>): void;
  setApiKey(key: string): void;
  dismissHelp(): void;
  levels(): { readonly caller: number; readonly agent: number };
  stats(): (CallStats & { readonly turns: number }) | undefined;
};

const noLevels = { caller: 0, agent: 0 };

export function createTalk(): Talk {
  const listeners = new Set<() => void>();
  /** It counts as given once the server has said what it makes of it. */
  let offeredKey = readApiKey();
  let state: TalkState = {
    server: { kind: 'unknown' },
    call: undefined,
    captions: [],
    turns: [],
    help: undefined,
    preferences: readPreferences(),
    microphones: [],
    apiKey: offeredKey,
    announcement: '',
  };
  let call: Call | undefined;
  let lastStats: CallStats | undefined;
  let warningTimer: ReturnType<typeof setTimeout> | undefined;
  let watch: StatusWatch | undefined;
  let typedCount = 0;
  /** Written before the call was there to say it. */
  let unsaid: string[] = [];

  function set(change: Partial<TalkState>): void {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  }

  function setCall(change: Partial<RunningCall>): void {
    if (state.call !== undefined) set({ call: { ...state.call, ...change } });
  }

  function showHelp(help: Help | undefined): void {
    clearTimeout(warningTimer);
    set({ help });
  }

  function showWarning(text: string): void {
    showHelp({ kind: 'problem', title: 'Something went wrong', text });
    warningTimer = setTimeout(() => set({ help: undefined }), warningMs);
  }

  function onStatus(server: ServerStatus): void {
    if (state.call !== undefined) return;
    const before = state.server.kind;
    const refusedBefore = isKeyRefused(state);
    set({ server, apiKey: offeredKey });
    if (isKeyRefused(state) && !refusedBefore) set({ announcement: 'The server does not know this key.' });
    // Said once: whoever has closed the message knows.
    if (server.kind === before) return;
    const help = statusHelp(server);
    if (help !== undefined) showHelp(help);
    else if (before === 'unreachable')
      showHelp({ kind: 'info', title: 'The server is back', text: 'Talk works again.' });
    else showHelp(undefined);
  }

  const observer: CallObserver = {
    onActivity(activity) {
      if (activity === 'connecting') return;
      const connected = state.call?.activity === 'connecting';
      setCall({ activity });
      if (!connected) return;
      set({ announcement: 'Connected.' });
      for (const text of unsaid.splice(0)) call?.type(text);
    },
    onCallerTurn: (id) => set({ captions: withCallerTurn(state.captions, id) }),
    onCallerTurnDropped: (id) => set({ captions: withDroppedTurn(state.captions, id) }),
    onCallerWords: (id, words) => set({ captions: withCallerWords(state.captions, id, words) }),
    onAgentClause: (id, clause) => set({ captions: withAgentClause(state.captions, id, clause) }),
    onInterrupted: (id, heard) =>
      set({ captions: withInterruption(state.captions, id, heard), announcement: 'The agent was interrupted.' }),
    onTurn: (turn) => set({ turns: [...state.turns, turn].slice(-maxTurns) }),
    onWarning: showWarning,
    onMicrophone() {
      setCall({ microphoneOn: true });
      void refreshMicrophones();
    },
    onEnd: (end) => void endCall(end),
  };

  async function refreshMicrophones(): Promise<void> {
    set({ microphones: await listMicrophones() });
  }

  function begin(withMicrophone: boolean): void {
    if (!canCall(state)) return;
    const { mode, deviceId, echoCancellation } = state.preferences;
    showHelp(undefined);
    set({
      captions: [],
      turns: [],
      call: { activity: 'connecting', microphoneOn: false, muted: false, held: false },
      announcement: 'Connecting.',
    });
    const microphone = withMicrophone ? { deviceId, echoCancellation } : undefined;
    call = startCall({ microphone, mode, greeting: withMicrophone, apiKey: state.apiKey }, observer);
  }

  async function endCall(end: CallEnd): Promise<void> {
    lastStats = call?.stats() ?? lastStats;
    call = undefined;
    unsaid = [];
    set({ call: undefined, captions: settled(state.captions), announcement: 'The call has ended.' });
    if (end.by === 'caller') return showHelp(undefined);
    if (end.by === 'error') return showHelp(startProblem(end.error));
    const server = await watch?.ask();
    if (server !== undefined && state.call === undefined) showHelp(closeProblem(end, server));
  }

  function changeMicrophone(): void {
    const { deviceId, echoCancellation } = state.preferences;
    call?.changeMicrophone({ deviceId, echoCancellation }).catch((error: unknown) => {
      const { title, text } = startProblem(error);
      showWarning(`${title}. ${text}`);
    });
  }

  function type(text: string): void {
    const words = text.trim();
    if (words === '') return;
    if (call === undefined) begin(false);
    if (call === undefined) return;
    typedCount += 1;
    set({ captions: withTypedWords(state.captions, `typed-${typedCount}`, words) });
    if (state.call?.activity === 'connecting') unsaid.push(words);
    else call.type(words);
  }

  function setPreferences(change: Partial<Preferences>): void {
    const before = state.preferences;
    const preferences = { ...before, ...change };
    writePreferences(preferences);
    set({ preferences });
    const { mode, deviceId, echoCancellation } = preferences;
    if (mode !== before.mode) setMode(mode);
    const otherMicrophone = deviceId !== before.deviceId || echoCancellation !== before.echoCancellation;
    if (otherMicrophone && state.call?.microphoneOn) changeMicrophone();
  }

  function setMode(mode: TalkMode): void {
    call?.setMode(mode);
    setCall({ held: false });
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    open() {
      const status = watchServerStatus(onStatus, () => offeredKey);
      const stopMicrophones = watchMicrophones(() => void refreshMicrophones());
      watch = status;
      void refreshMicrophones();
      return () => {
        status.stop();
        stopMicrophones();
        call?.hangUp();
      };
    },
    talk() {
      if (call === undefined) begin(true);
      else changeMicrophone();
    },
    hangUp: () => call?.hangUp(),
    interrupt: () => call?.interrupt(),
    type,
    hold() {
      if (state.call?.microphoneOn !== true || state.call.activity === 'connecting') return;
      call?.hold();
      setCall({ held: true });
    },
    release() {
      if (state.call?.held !== true) return;
      call?.release();
      setCall({ held: false });
    },
    setMuted(muted) {
      call?.setMuted(muted);
      setCall({ muted });
    },
    setPreferences,
    setApiKey(key) {
      writeApiKey(key);
      offeredKey = key || undefined;
      if (offeredKey === undefined) set({ apiKey: undefined });
      void watch?.ask();
    },
    dismissHelp: () => showHelp(undefined),
    levels: () => call?.levels() ?? noLevels,
    stats() {
      const stats = call?.stats() ?? lastStats;
      return stats && { ...stats, turns: state.turns.length };
    },
  };
}
