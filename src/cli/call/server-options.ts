import { Option } from 'commander';
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

/** `--url`: the server that a command talks to. */
export function serverUrlOption(env: CommandEnv): Option {
  const description = "the server's socket; a server is started if none runs there";
  return new Option('--url <url>', description).default(defaultUrl(env));
}

/** `--ca`: what a command trusts besides the usual authorities. */
export function certificateOption(): Option {
  return new Option('--ca <file.pem>', 'certificate to trust, for a server on another computer that made its own');
}
