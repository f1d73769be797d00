import { hkdfSync, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const keyBytes = 32;

/**
 * The key that this server signs with: from the secret that all nodes of a service share, or, without one, from a file
 * in the data folder that is made once and that nobody else can read.
 */
export async function serverKey(options: {
  readonly secret: string | undefined;
  readonly dataDir: string;
}): Promise<Uint8Array> {
  const secret = options.secret ?? (await keptSecret(options.dataDir));
  return new Uint8Array(hkdfSync('sha256', secret, '', 'parley server key', keyBytes));
}

async function keptSecret(dataDir: string): Promise<string> {
  const path = join(dataDir, 'server.key');
  const kept = await readSecret(path);
  if (kept !== undefined) return kept;
  await mkdir(dataDir, { recursive: true });
  const made = `${path}.${randomBytes(6).toString('hex')}.part`;
  await writeFile(made, `${randomBytes(keyBytes).toString('hex')}\n`, { mode: 0o600 });
  try {
    // Of two servers that start at once, the first one's stays.
    await link(made, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(made, { force: true });
  }
  const secret = await readSecret(path);
  if (secret === undefined) throw new Error(`${path} was taken away while this server started.`);
  return secret;
}

/** @returns undefined when there is none, or only the beginning of one, which is removed */
async function readSecret(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  if (text.trim().length >= 2 * keyBytes) {
    await chmod(path, 0o600);
    return text.trim();
  }
  await rm(path, { force: true });
  return undefined;
}
