import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ParleyError } from '../ports/errors.js';

const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: 'a whole number' })
    .transform(Number)
    .refine((value) => value >= from && value <= to, { error: `a whole number from ${from} to ${to}` });

/** The environment, one variable for each setting. An empty variable counts as absent. */
const environment = z.object({
  PARLEY_PORT: wholeNumber(0, 65_535).default(8_787),
  PARLEY_HOST: z.string().default('127.0.0.1'),
  PARLEY_DATA_DIR: z.string().default(join(homedir(), '.parley')),
  PARLEY_CACHE_DIR: z.string().default(join(homedir(), '.cache', 'parley')),
  PARLEY_API_KEY: z.string().min(8, { error: 'at least 8 characters' }).optional(),
  PARLEY_MAX_CALLS: wholeNumber(1, 64).default(2),
  PARLEY_SELF_TEST: z.enum(['on', 'off']).default('on'),
  PARLEY_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export type Settings = {
  /** 0 picks a free one. */
  readonly port: number;
  readonly host: string;
  /** Calls: recordings and event logs. */
  readonly dataDir: string;
  /** Model weights and computed prompts: can be deleted at any time. */
  readonly cacheDir: string;
  /** When set, every connection must carry it. */
  readonly apiKey: string | undefined;
  /** Calls at once; the local language model holds one context for each. */
  readonly maxCalls: number;
  /** Whether the machine is measured at start, which takes about two seconds. */
  readonly selfTest: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
};

/** Reads the settings. @throws ParleyError `settings.invalid` naming each variable and what it expects */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: expected ${issue.message}`);
    throw new ParleyError(`Settings that cannot be used:\n  ${problems.join('\n  ')}`, {
      code: 'settings.invalid',
      status: 400,
    });
  }
  const value = parsed.data;
  return {
    port: value.PARLEY_PORT,
    host: value.PARLEY_HOST,
    dataDir: value.PARLEY_DATA_DIR,
    cacheDir: value.PARLEY_CACHE_DIR,
    apiKey: value.PARLEY_API_KEY,
    maxCalls: value.PARLEY_MAX_CALLS,
    selfTest: value.PARLEY_SELF_TEST === 'on',
    logLevel: value.PARLEY_LOG_LEVEL,
  };
}
