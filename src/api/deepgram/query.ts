import { z } from 'zod';
import { issueText } from '../http/issue-text.js';
import { invalid } from './deepgram-error.js';

/** `true` and `false`, as Deepgram's clients write them. */
export const flag = z
  .enum(['true', 'false', 'True', 'False', '1', '0', ''], { error: 'expected true or false' })
  .transform((value) => value === '' || /^(true|1)$/i.test(value));

export function wholeNumber(from: number, to: number) {
  const error = `expected a whole number from ${from} to ${to}`;
  return z.coerce.number({ error }).int({ error }).min(from, { error }).max(to, { error });
}

export function decimal(from: number, to: number) {
  const error = `expected a number from ${from} to ${to}`;
  return z.coerce.number({ error }).min(from, { error }).max(to, { error });
}

/** A parameter that may be given several times. */
export const list = z.array(z.string().max(500)).max(200).default([]);

/** What a request asks for. */
export type Query<Schema extends z.ZodObject> = {
  readonly options: z.output<Schema>;
  /** Parameters that are given and have no effect. */
  readonly ignored: readonly string[];
};

/** Keys of the parameters of a schema that are lists. */
function isList(schema: z.ZodType): boolean {
  return schema instanceof z.ZodDefault && schema.def.innerType instanceof z.ZodArray;
}

/**
 * Reads the query of a request. A parameter that is switched off asks for nothing, whether it is known or not.
 * @throws ParleyError `invalid_value` (400) naming the parameter and what it expects
 */
export function readQuery<Schema extends z.ZodObject>(schema: Schema, params: URLSearchParams): Query<Schema> {
  const fields: Record<string, unknown> = {};
  const ignored: string[] = [];
  for (const name of new Set(params.keys())) {
    // Some clients number the elements of a list, or mark it as one.
    const plain = name.replace(/\[\d*\]$/, '');
    const known = Object.hasOwn(schema.shape, plain) ? (schema.shape[plain] as z.ZodType) : undefined;
    const values = params.getAll(name);
    if (known && isList(known)) fields[plain] = [...((fields[plain] as string[] | undefined) ?? []), ...values];
    else if (known) fields[plain] = values.at(-1);
    else if (values.some((value) => value !== 'false')) ignored.push(plain);
  }
  const parsed = schema.safeParse(fields);
  if (parsed.success) return { options: parsed.data, ignored };
  const [issue] = parsed.error.issues;
  throw invalid(`${issue?.path.map(String).join('.') ?? 'The query'}: ${issueText(issue)}.`);
}
