import { randomBytes } from 'node:crypto';

export type IdKind = 'sess' | 'conv' | 'event' | 'item' | 'resp';
export type NewId = (kind: IdKind) => string;

/** Ids that are unique everywhere and, within a connection, sort in the order they were made. */
export function createIds(): NewId {
  const connection = randomBytes(8).toString('hex');
  let count = 0;
  return (kind) => {
    count += 1;
    return `${kind}_${connection}${count.toString(36).padStart(6, '0')}`;
  };
}
