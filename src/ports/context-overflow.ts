import type { ChatMessage } from './language-model.js';

/** Tokens kept free behind a prompt, for the reply to it. */
export function replyRoomTokens(contextTokens: number): number {
  return Math.min(256, Math.floor(contextTokens / 4));
}

export type ContextRoom = {
  /** Tokens that the messages may take. */
  readonly limit: number;
  /** Kept free of that when there is time to make room. */
  readonly reserve: number;
  /** Messages that were dropped before: they never come back, or all would be computed again. */
  readonly dropped: number;
};

/**
 * How many of the oldest messages a context leaves out. When they no longer fit, they go in one block, down to half of
 * the room, so that the many turns that follow compute nothing again. What is left begins with the caller where that
 * is possible; the newest message always stays.
 */
export function droppedMessages(
  messages: readonly { readonly role: ChatMessage['role']; readonly tokens: number }[],
  room: ContextRoom,
): number {
  const last = Math.max(0, messages.length - 1);
  let dropped = Math.min(room.dropped, last);
  let total = messages.slice(dropped).reduce((sum, message) => sum + message.tokens, 0);
  if (total <= room.limit - Math.min(room.reserve, room.limit / 4)) return dropped;
  const drop = (): void => {
    total -= messages[dropped]?.tokens ?? 0;
    dropped += 1;
  };
  while (dropped < last && total > room.limit / 2) drop();
  while (dropped < last && messages[dropped]?.role === 'assistant') drop();
  return dropped;
}
