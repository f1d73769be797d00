import type { z } from 'zod';
import { requestError } from '../../openai/rest/openai-error.js';

/** The parameters of a URL by their names; lists of keywords may come in several. */
export function parametersOf({ searchParams }: URL): Readonly<Record<string, string>> {
  const parameters = Object.fromEntries(searchParams);
  return searchParams.has('keywords')
    ? { ...parameters, keywords: searchParams.getAll('keywords').join(',') }
    : parameters;
}

/** @throws RequestError (400) about the first parameter that is wrong */
export function readParameters<Schema extends z.ZodType>(
  schema: Schema,
  parameters: Readonly<Record<string, string>>,
): z.infer<Schema> {
  const parsed = schema.safeParse(parameters);
  if (!parsed.success) throw requestError(parsed.error);
  return parsed.data;
}
