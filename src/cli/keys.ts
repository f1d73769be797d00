import { Command, Option } from 'commander';
import { ParleyError } from '../audio/error.js';
import { scopes } from '../platform/access/access.js';
import { readNewKey, usualScopes } from '../platform/keys/key-fields.js';
import type { CreatedKeyView, KeyView } from '../platform/keys/key-view.js';
import { alignColumns } from './align-columns.js';
import { type CommandEnv, certificateOption, defaultUrl } from './call/server-options.js';
import { openKeyring } from './keys/keyring.js';

/** Of a flag that is wrong, as of a field of the API that is. */
const badFlagCode = 'keys.invalid';

/** What the command touches, all of it replaceable. */
export type KeysCommandOptions = {
  readonly env?: CommandEnv;
  readonly stdout?: { write(text: string): unknown };
  readonly stderr?: { write(text: string): unknown };
  /** @defaultValue sets `process.exitCode` */
  readonly setExitCode?: (code: number) => void;
};

type ServerFlags = { readonly url: string; readonly ca?: string; readonly json?: true };

type CreateFlags = ServerFlags & {
  readonly name: string;
  readonly scopes?: string;
  readonly rate?: string;
  readonly concurrency?: string;
  readonly expires?: string;
};

/** `parley keys create | list | revoke`. */
export function keysCommand(options: KeysCommandOptions = {}): Command {
  const env = options.env ?? process.env;
  const stdout = options.stdout ?? process.stdout;
  const stderr = options.stderr ?? process.stderr;
  const setExitCode =
    options.setExitCode ??
    ((code: number) => {
      process.exitCode = code;
    });
  const print = (text: string): void => void stdout.write(`${text}\n`);
  const printJson = (document: unknown): void => print(JSON.stringify(document, null, 2));
  const withServer = (command: Command): Command =>
    command
      .addOption(new Option('--url <url>', "the server's socket, when one is running").default(defaultUrl(env)))
      .addOption(certificateOption())
      .option('--json', 'print one JSON document');
  const run = async (flags: ServerFlags, work: (keyring: Awaited<ReturnType<typeof openKeyring>>) => Promise<void>) => {
    try {
      const keyring = await openKeyring({ env, url: flags.url, ca: flags.ca });
      try {
        await work(keyring);
      } finally {
        await keyring.close();
      }
    } catch (error) {
      if (!ParleyError.isInstance(error)) throw error;
      stderr.write(`parley keys: ${error.message}\n`);
      setExitCode(error.code === badFlagCode ? 2 : 1);
    }
  };

  const command = new Command('keys')
    .description('keys of this server: who may use it, for what and how often')
    .addHelpText(
      'after',
      `
Examples:
  parley keys create --name shop
  parley keys list

A running server is asked, with PARLEY_API_KEY; where none runs, the database is opened here. Once there is a key,
every request to the server needs one.`,
    );
  withServer(
    command
      .command('create')
      .description('make a key and print it, this once: only a hash of it is kept')
      .requiredOption('--name <text>', 'what it is for, such as the application that gets it')
      .option('--scopes <list>', `what it may be used for, of ${scopes.join(',')}`, usualScopes.join(','))
      .option('--rate <count/min>', 'requests a minute, on each node (default: no limit)')
      .option('--concurrency <count>', 'requests and sessions at once, on each node (default: no limit)')
      .option('--expires <time>', 'a date, or a time from now such as 12h or 90d (default: never)'),
  )
    .addHelpText(
      'after',
      `
Examples:
  parley keys create --name shop
  parley keys create --name dictation --scopes transcribe --rate 60/min --concurrency 4 --expires 90d`,
    )
    .action((flags: CreateFlags) =>
      run(flags, async (keyring) => {
        const fields = newKeyFields(flags, new Date());
        readNewKey(fields, new Date());
        const created = await keyring.create(fields);
        if (flags.json) printJson(created);
        else print(createdText(created));
      }),
    );
  withServer(command.command('list').description('every key, the newest first: how it begins, never the whole'))
    .addHelpText('after', '\nExample:\n  parley keys list')
    .action((flags: ServerFlags) =>
      run(flags, async (keyring) => {
        const keys = await keyring.list();
        if (flags.json) printJson({ object: 'list', data: keys });
        else print(keys.length === 0 ? 'There are no keys.' : keysTable(keys, new Date()));
      }),
    );
  withServer(
    command
      .command('revoke')
      .description('end a key for good, and every token that was made with it')
      .argument('<id>', 'as `list` prints it'),
  )
    .addHelpText('after', '\nExample:\n  parley keys revoke key_0123456789abcdef01234567')
    .action((id: string, flags: ServerFlags) =>
      run(flags, async (keyring) => {
        const revoked = await keyring.revoke(id);
        if (flags.json) printJson(revoked);
        else print(`${revoked.id} (${revoked.name}) is revoked.`);
      }),
    );
  return command;
}

/** The flags as the API writes them; what they may be is checked there. @throws ParleyError `keys.invalid` */
function newKeyFields(flags: CreateFlags, now: Date): Readonly<Record<string, unknown>> {
  const { name, scopes: list, rate, concurrency, expires } = flags;
  return {
    name,
    ...(list === undefined ? {} : { scopes: list.split(',').map((scope) => scope.trim()) }),
    ...(rate === undefined ? {} : { requests_per_minute: countOf('--rate', rate.replace(/\/min$/, '')) }),
    ...(concurrency === undefined ? {} : { max_concurrent: countOf('--concurrency', concurrency) }),
    ...(expires === undefined ? {} : { expires_at: momentOf(expires, now).toISOString() }),
  };
}

function countOf(flag: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw badFlag(`${flag} is "${text}"; expected a whole number, such as 60.`);
  return Number(text);
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function momentOf(text: string, now: Date): Date {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const moment =
    count === undefined
      ? new Date(/^\d{4}-\d\d-\d\d/.test(text) ? text : Number.NaN)
      : new Date(now.getTime() + Number(count) * unitMs[unit as keyof typeof unitMs]);
  if (Number.isNaN(moment.getTime()))
    throw badFlag(`--expires is "${text}"; expected a date such as 2030-12-31, or a time from now such as 12h or 90d.`);
  return moment;
}

function badFlag(message: string): ParleyError {
  return new ParleyError(message, { code: badFlagCode, status: 400 });
}

function createdText(created: CreatedKeyView): string {
  return `${created.key}

This is the key ${created.id} (${created.name}), for ${created.scopes.join(', ')}. It is not shown again: keep it now.`;
}

function keysTable(keys: readonly KeyView[], now: Date): string {
  const state = (key: KeyView): string => {
    if (key.revoked_at !== null) return 'revoked';
    if (key.expires_at === null) return 'good';
    return new Date(key.expires_at) <= now ? 'expired' : `good until ${key.expires_at.slice(0, 16)}Z`;
  };
  const limit = (count: number | null): string => (count === null ? '-' : String(count));
  const rows = [
    ['ID', 'NAME', 'KEY', 'SCOPES', 'PER MINUTE', 'AT ONCE', 'MADE', 'STATE'],
    ...keys.map((key) => [
      key.id,
      key.name,
      `${key.prefix}…`,
      key.scopes.join(','),
      limit(key.requests_per_minute),
      limit(key.max_concurrent),
      key.created_at.slice(0, 10),
      state(key),
    ]),
  ];
  return alignColumns(rows);
}
