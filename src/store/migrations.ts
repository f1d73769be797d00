import { keysAndUsage } from './migrations/0001-keys-and-usage.js';
import { pronunciationDicts } from './migrations/0002-pronunciation-dicts.js';

/** One step forward. What was released is never changed: the next change is another step. */
export type Migration = {
  /** Counts up from 1 without gaps. */
  readonly id: number;
  readonly name: string;
  /** One SQL statement each: the embedded database takes one at a time. */
  readonly statements: readonly string[];
};

/** Every step that leads to `schema.ts`, in order. */
export const migrations: readonly Migration[] = [keysAndUsage, pronunciationDicts];
