import { speaksTls } from '../../settings/settings.js';

/** Environment variables as a command sees them. */
export type CommandEnv = Readonly<Record<string, string | undefined>>;

/** Where `parley start` listens in this environment. */
export function defaultUrl(env: CommandEnv): string {
  const { PARLEY_HOST: host = '127.0.0.1', PARLEY_PORT: port = '8787' } = env;
  // An address that means "every interface" is none to call.
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${speaksTls(env) ? 'wss' : 'ws'}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/v1/realtime?model=parley`;
}
