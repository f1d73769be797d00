import type { z } from 'zod';

/** Types of JSON, for whoever writes it. */
const typeNames: Readonly<Record<string, string>> = {
  object: 'an object of JSON',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** What was expected of a value: in the schema's own words, or where it has none, by its type. */
export function issueText(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'invalid_type' && issue.message.startsWith('Invalid input'))
    return `expected ${typeNames[issue.expected] ?? issue.expected}`;
  return issue?.message ?? 'invalid';
}
