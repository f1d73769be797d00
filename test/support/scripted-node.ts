import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptedBringUp } from '../../conformance/scripted-bring-up.js';
import { type RunningServer, startServer } from '../../src/main.js';
import { readSettings } from '../../src/settings/settings.js';

export type ScriptedNode = Pick<RunningServer, 'url' | 'routes' | 'close'> & { readonly dataDir: string };

/** The whole server in this process, with engines that hear and speak in tones beside those that its parley.yaml names. */
export async function startScriptedNode(options: {
  readonly apiKey: string;
  /** The text of parley.yaml. @defaultValue none */
  readonly config?: string;
  /** What lies beside it, by name. @defaultValue nothing */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<ScriptedNode> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-node-'));
  const config = join(dataDir, 'parley.yaml');
  await writeFile(config, options.config ?? 'agent: {}');
  for (const [name, text] of Object.entries(options.files ?? {})) await writeFile(join(dataDir, name), text);
  const settings = readSettings({
    PARLEY_PORT: '0',
    PARLEY_HOST: '127.0.0.1',
    PARLEY_DATA_DIR: dataDir,
    PARLEY_CONFIG: config,
    PARLEY_API_KEY: options.apiKey,
    PARLEY_LOG_LEVEL: 'silent',
    ...options.env,
  });
  const server = await startServer({ settings, bringUp: scriptedBringUp });
  const close = async (): Promise<void> => {
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await server.ready;
  } catch (error) {
    await close();
    throw error;
  }
  return { url: server.url, routes: server.routes, dataDir, close };
}
