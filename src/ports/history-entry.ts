import type { HistoryEntry, HistoryItem } from './brain.js';

/** Whether this is the item that an entry names. */
export function isEntry(item: HistoryItem, entry: HistoryEntry): boolean {
  if ('turn' in entry) return item.role === 'user' && item.turn === entry.turn;
  if ('reply' in entry) return item.role === 'assistant' && item.reply === entry.reply;
  return item.role === 'written' && item.id === entry.message;
}
