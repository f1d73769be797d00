import { dirname } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import * as schema from '../schema.js';
import type { Connected } from '../store.js';
import { closedError } from '../store-errors.js';
import { PgliteClient } from './client.js';
import { lockFolder, makeParent } from './folder-lock.js';

/** Opens the embedded database of a folder, or makes it. @param signal ends the opening alone. @throws ParleyError `store.locked`, `store.damaged` */
export async function connectPglite(
  folder: string,
  { onFault, signal }: { readonly onFault: (error: Error) => void; readonly signal: AbortSignal },
): Promise<Connected> {
  await makeParent(dirname(folder));
  const client = new PgliteClient(folder);
  const release = await lockFolder(folder, (error) => {
    onFault(error);
    void client.close();
  });
  const close = async (): Promise<void> => {
    await client.close();
    await release();
  };
  const leave = (): void => void client.close();
  signal.addEventListener('abort', leave);
  try {
    if (signal.aborted) throw closedError();
    await client.start();
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal.removeEventListener('abort', leave);
  }
  // Of PGlite's own class the query builder uses `query` and `transaction` alone.
  return { db: drizzle(client as unknown as PGlite, { schema }), close };
}
