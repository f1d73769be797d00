import { useSyncExternalStore } from 'react';
import type { Talk } from './talk.js';
import type { TalkState } from './talk-state.js';

export function useTalk(talk: Talk): TalkState {
  return useSyncExternalStore(talk.subscribe, talk.state);
}
