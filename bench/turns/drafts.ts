import type { ParsedLog } from '../../src/conversation/read-event-log.js';
import { commandsOf } from './judge-overlaps.js';

/** How many replies were prepared, and how many of those were heard. */
export type DraftUse = { readonly begun: number; readonly adopted: number };

export const noDrafts: DraftUse = { begun: 0, adopted: 0 };

export function draftUse(log: ParsedLog): DraftUse {
  const committed = commandsOf(log, 'commit').filter(({ command }) => command.reply !== undefined);
  return { begun: commandsOf(log, 'draft').length, adopted: committed.length };
}

export function sumOfDrafts(a: DraftUse, b: DraftUse): DraftUse {
  return { begun: a.begun + b.begun, adopted: a.adopted + b.adopted };
}

export function draftNotes({ begun, adopted }: DraftUse): string[] {
  if (begun === 0) return [];
  const hitRate = Math.round((100 * adopted) / begun);
  return [`Drafts: ${begun} begun, ${adopted} heard (hit rate ${hitRate} %).`];
}
