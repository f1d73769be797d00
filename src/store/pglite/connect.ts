import { dirname } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import * as schema from '../schema.js';
import type { Connected } from '../store.js';
import { PgliteClient } from './client.js';
import { lockFolder, makeParent } from './folder-lock.js';

/** Opens the embedded database of a folder, or makes it. @throws ParleyError `store.locked`, `store.damaged` */
export async function connectPglite(folder: string, onFault: (error: Error) => void): Promise<Connected> {
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
  try {
    await client.start();
  } catch (error) {
    await close();
    throw error;
  }
  // Of PGlite's own class the query builder uses `query` and `transaction` alone.
  return { db: drizzle(client as unknown as PGlite, { schema }), close };
}
