import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { ParleyError } from '../ports/errors.js';

/**
 * Makes the folder of calls, keys and usage: a server that could keep nothing does not start.
 * @throws ParleyError `server.data_folder`
 */
export async function makeDataFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
    await access(dataDir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ParleyError(
      `The data folder ${dataDir} cannot be written (${code}); expected a folder that this user may write: PARLEY_DATA_DIR=/a/folder.`,
      { code: 'server.data_folder', cause },
    );
  }
}
