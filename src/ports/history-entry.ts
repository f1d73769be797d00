import type { HistoryEntry, HistoryItem } from './brain.js';

/** Whether this is the item that an entry names. */
export function isEntry(item: HistoryItem, entry: HistoryEntry): boolean {
  if ('turn' in entry) return item.role === 'user' && item.turn === entry.turn;
  if ('reply' in entry) return item.role === 'assistant' && item.reply === entry.reply;
  if ('call' in entry) return item.role === 'call' && item.callId === entry.call;
  if ('result' in entry) return item.role === 'result' && item.callId === entry.result;
  return item.role === 'written' && item.id === entry.message;
}
