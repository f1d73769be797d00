import { z } from 'zod';
import { ParleyError } from '../../ports/errors.js';
import { type Scope, scopes } from '../access/access.js';

export const keyLimits = {
  maxNameCharacters: 100,
  /** Of what one key may be allowed; the node's memory of the last minute is this long. */
  maxRequestsPerMinute: 60_000,
  maxConcurrent: 10_000,
} as const;

/** Everything but the administration of the server. */
export const usualScopes: readonly Scope[] = scopes.filter((scope) => scope !== 'manage');

const wholeNumber = (max: number) => {
  const error = `expected a whole number from 1 to ${max}`;
  return z.number({ error }).int({ error }).min(1, { error }).max(max, { error });
};

/** What a new key is made of, as the API and the command line write it. */
export const newKeySchema = z.strictObject({
  name: z
    .string({ error: 'expected a text' })
    .trim()
    .min(1, { error: 'expected at least one character' })
    .max(keyLimits.maxNameCharacters, { error: `expected at most ${keyLimits.maxNameCharacters} characters` })
    .describe('for people, such as the application that has the key'),
  scopes: z
    .array(z.enum(scopes, { error: `expected some of ${scopes.join(', ')}` }))
    .min(1, { error: 'expected at least one' })
    .transform((given) => scopes.filter((scope) => given.includes(scope)))
    .default([...usualScopes])
    .describe('what the key may be used for'),
  requests_per_minute: wholeNumber(keyLimits.maxRequestsPerMinute)
    .nullable()
    .default(null)
    .describe('in any 60 seconds, on each node; null: no limit of its own'),
  max_concurrent: wholeNumber(keyLimits.maxConcurrent)
    .nullable()
    .default(null)
    .describe('requests and sessions at once, on each node; null: no limit of its own'),
  expires_at: z.iso
    .datetime({ offset: true, error: 'expected a date and time such as 2030-12-31T23:59:59Z' })
    .transform((text) => new Date(text))
    .nullable()
    .default(null)
    .describe('when the key ends; null: never'),
});

export type NewKey = z.output<typeof newKeySchema>;

/** @throws ParleyError `keys.invalid` naming the field and what it expects */
export function readNewKey(fields: unknown, now: Date): NewKey {
  const { data, error } = newKeySchema.safeParse(fields);
  if (!data) throw invalid(error.issues.map(({ path, message }) => [path.map(String).join('.'), message] as const));
  if (data.expires_at !== null && data.expires_at <= now)
    throw invalid([['expires_at', 'expected a moment in the future']]);
  return data;
}

function invalid(problems: readonly (readonly [field: string, message: string])[]): ParleyError {
  const said = problems.map(([field, message]) => (field === '' ? message : `${field}: ${message}`));
  return new ParleyError(`${said.join('; ')}.`, { code: 'keys.invalid', status: 400 });
}
