import { existsSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { defaultAutoGain, type TreatmentSettings } from '../conversation/listen/treatment-settings.js';
import { ParleyError } from '../ports/errors.js';
import { databaseFolder } from '../store/database-folder.js';

const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: `a whole number from ${from} to ${to}` })
    .transform(Number)
    .refine((value) => value >= from && value <= to, { error: `a whole number from ${from} to ${to}` });

const defaultDataDir = join(homedir(), '.parley');

const onOff = z
  .enum(['on', 'off', '1', '0', 'true', 'false'], { error: 'on or off' })
  .transform((value) => value === 'on' || value === '1' || value === 'true');

/** The environment, one variable for each setting with what it means. An empty variable counts as absent. */
const environment = z.object({
  PARLEY_PORT: wholeNumber(0, 65_535).default(8_787).describe('port to listen on; 0 picks a free one'),
  PARLEY_HOST: z.string().default('127.0.0.1').describe('address to listen on'),
  PARLEY_DATA_DIR: z.string().default(defaultDataDir).describe('recordings and event logs of calls'),
  PARLEY_CACHE_DIR: z
    .string()
    .default(join(homedir(), '.cache', 'parley'))
    .describe('model weights and computed prompts; may be deleted at any time'),
  PARLEY_CONFIG: z
    .string()
    .optional()
    .describe(
      'who the agent is, other engines, and how turns are taken; without it parley.yaml where the server is started, if any',
    ),
  PARLEY_API_KEY: z
    .string()
    .min(8, { error: 'at least 8 characters' })
    .optional()
    .describe(
      'when set, every connection must carry it, or a key of "parley keys create"; beyond this computer one or the other is needed',
    ),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/./, { error: 'postgres://USER:PASSWORD@HOST:5432/NAME' })
    .optional()
    .describe(
      'PostgreSQL 15 or newer for keys and usage, shared by every server of one service; without it, a database of its own in the folder db of the data folder',
    ),
  PARLEY_SECRET: z
    .string()
    .min(32, { error: 'at least 32 characters' })
    .optional()
    .describe(
      'signs the secrets that browsers are given, the same on every server of one service; without it, one is made in the data folder',
    ),
  PARLEY_TLS: onOff.optional().describe('on for https and wss, as --tls'),
  PARLEY_TLS_CERT: z.string().optional().describe('certificate in PEM, as --tls-cert'),
  PARLEY_TLS_KEY: z.string().optional().describe('its private key in PEM, as --tls-key'),
  PARLEY_MAX_CALLS: wholeNumber(1, 64).default(2).describe('calls at once'),
  PARLEY_DRAIN_MS: wholeNumber(0, 3_600_000)
    .default(30_000)
    .describe(
      'how long calls may go on after Ctrl-C or SIGTERM, before each hears a goodbye; a second signal ends at once',
    ),
  PARLEY_LOG_WORDS: z.enum(['on', 'off']).default('off').describe('on: the log has what callers and agents say'),
  PARLEY_SELF_TEST: z
    .enum(['on', 'off'])
    .default('on')
    .describe('on or off: measure this machine at start, two seconds'),
  PARLEY_AUTO_GAIN: z
    .enum(['on', 'off'])
    .default('off')
    .describe('on or off: bring quiet and loud callers to one loudness before they are listened to'),
  PARLEY_DENOISE: z
    .enum(['on', 'off'])
    .default('off')
    .describe('on or off: take noise away from callers before they are listened to; costs 25 ms of each answer'),
  PARLEY_FETCH_PRIVATE: z
    .enum(['on', 'off'])
    .default('off')
    .describe('on or off: recordings that clients name by URL may be on this computer and its network'),
  PARLEY_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('debug, info, warn, error or silent'),
});

/** A variable of the environment, for people. */
export type SettingDescription = {
  readonly name: string;
  readonly meaning: string;
  /** Undefined: none. */
  readonly standard: string | undefined;
};

/** Every variable that `readSettings` reads. */
export function describeSettings(): SettingDescription[] {
  return Object.entries(environment.shape).map(([name, schema]) => {
    const standard = schema.safeParse(undefined).data;
    return { name, meaning: schema.description ?? '', standard: standard === undefined ? undefined : String(standard) };
  });
}

/** PEM files: a certificate, with those between it and its authority, and its private key. */
export type TlsFiles = { readonly cert: string; readonly key: string };

export type Settings = {
  /** 0 picks a free one. */
  readonly port: number;
  readonly host: string;
  /** Calls: recordings and event logs. */
  readonly dataDir: string;
  /** Model weights and computed prompts: can be deleted at any time. */
  readonly cacheDir: string;
  /** parley.yaml. `asked`: it has to be there. */
  readonly config: { readonly file: string; readonly asked: boolean };
  /** When set, every connection must carry it, or another key. */
  readonly apiKey: string | undefined;
  /** PostgreSQL for what is shared by nodes. Undefined: an embedded database in the data folder. */
  readonly databaseUrl: string | undefined;
  /** What client secrets are signed with: the same on every node. Undefined: a key made in the data folder. */
  readonly secret: string | undefined;
  /** Undefined: plain HTTP. Without files a certificate of our own is made. */
  readonly tls: { readonly files: TlsFiles | undefined } | undefined;
  /** Calls at once; the local language model holds one context for each. */
  readonly maxCalls: number;
  /** How long calls under way may go on when the server is told to stop; then each hears a goodbye. */
  readonly drainMs: number;
  /** Whether the log may contain what callers and agents say. */
  readonly logWords: boolean;
  /** Whether the machine is measured at start, which takes about two seconds. */
  readonly selfTest: boolean;
  /** What is done to every caller's audio before it is listened to. Undefined: nothing. */
  readonly treatment: TreatmentSettings | undefined;
  /** Whether recordings that clients name by URL may be on this computer and its network. */
  readonly fetchPrivate: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
};

/** Reads the settings. @throws ParleyError `settings.invalid` naming each variable and what it expects */
export function readSettings(env: Environs): Settings {
  const { value, problems } = readEnvironment(env);
  if (value === undefined || problems.length > 0) throw unusable(problems);
  return {
    port: value.PARLEY_PORT,
    host: value.PARLEY_HOST,
    dataDir: value.PARLEY_DATA_DIR,
    cacheDir: value.PARLEY_CACHE_DIR,
    config: { file: value.PARLEY_CONFIG ?? 'parley.yaml', asked: value.PARLEY_CONFIG !== undefined },
    apiKey: value.PARLEY_API_KEY,
    databaseUrl: value.DATABASE_URL,
    secret: value.PARLEY_SECRET,
    tls: tlsOf(value),
    maxCalls: value.PARLEY_MAX_CALLS,
    drainMs: value.PARLEY_DRAIN_MS,
    logWords: value.PARLEY_LOG_WORDS === 'on',
    selfTest: value.PARLEY_SELF_TEST === 'on',
    treatment: treatmentOf(value),
    fetchPrivate: value.PARLEY_FETCH_PRIVATE === 'on',
    logLevel: value.PARLEY_LOG_LEVEL,
  };
}

type Environment = z.infer<typeof environment>;

function treatmentOf(value: Environment): TreatmentSettings | undefined {
  const gain = value.PARLEY_AUTO_GAIN === 'on';
  const denoise = value.PARLEY_DENOISE === 'on';
  return gain || denoise ? { denoise, ...(gain ? { gain: defaultAutoGain } : {}) } : undefined;
}

/** What is wrong with the settings of this environment: each variable, and what it expects. */
export function settingsProblems(env: Environs): readonly string[] {
  return readEnvironment(env).problems;
}

function readEnvironment(env: Environs): {
  readonly value: Environment | undefined;
  readonly problems: readonly string[];
} {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const { data: value, error } = environment.safeParse(given);
  if (!value)
    return {
      value,
      problems: error.issues.map(
        (issue) => `${issue.path.join('.')}: expected ${issue.message.replace(/^Invalid option: expected /, '')}`,
      ),
    };
  return { value, problems: [...tlsProblems(value), ...exposureProblems(value)] };
}

/** Where a server in this environment keeps its data. */
export function dataDirOf(env: Environs): string {
  return env.PARLEY_DATA_DIR || defaultDataDir;
}

/** Whether a server in this environment speaks https and wss. */
export function speaksTls(env: Environs): boolean {
  const on = onOff.safeParse(env.PARLEY_TLS);
  return on.success ? on.data : Boolean(env.PARLEY_TLS_CERT && env.PARLEY_TLS_KEY);
}

type Environs = Readonly<Record<string, string | undefined>>;

/** Files that are named are to be used, unless TLS is switched off. */
function tlsOf({ PARLEY_TLS: on, PARLEY_TLS_CERT: cert, PARLEY_TLS_KEY: key }: Environment): Settings['tls'] {
  const files = cert !== undefined && key !== undefined ? { cert, key } : undefined;
  return (on ?? files !== undefined) ? { files } : undefined;
}

function tlsProblems({ PARLEY_TLS_CERT: cert, PARLEY_TLS_KEY: key }: Environment): string[] {
  if ((cert === undefined) === (key === undefined)) return [];
  const missing = cert === undefined ? 'PARLEY_TLS_CERT' : 'PARLEY_TLS_KEY';
  return [`${missing}: expected a PEM file too: a certificate and its private key belong together`];
}

/**
 * Whoever can reach the server could talk to it, and listen to what it says. Where there is a database it may have keys,
 * which is looked up before the server listens.
 */
function exposureProblems(value: Environment): string[] {
  const { PARLEY_HOST: host, PARLEY_API_KEY: apiKey, DATABASE_URL: databaseUrl, PARLEY_DATA_DIR: dataDir } = value;
  if (apiKey !== undefined || isLoopback(host)) return [];
  if (databaseUrl !== undefined || existsSync(databaseFolder(dataDir))) return [];
  return [`PARLEY_HOST: ${exposedWithoutKey(host)}`];
}

/** Why a server is not started that anybody could use. */
export function exposedWithoutKey(host: string): string {
  return `${host} can be reached from other computers, so expected PARLEY_API_KEY as well (at least 8 characters), a key of "parley keys create", or 127.0.0.1 for this computer alone`;
}

/** Whether an address or name stands for this computer alone. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

function unusable(problems: readonly string[]): ParleyError {
  return new ParleyError(`Settings that cannot be used:\n  ${problems.join('\n  ')}`, {
    code: 'settings.invalid',
    status: 400,
  });
}
