import { z } from 'zod';
import type { ExpectedAnswer } from '../../ports/expected-answer.js';

/** Longer numbers than an account has are a mistake, and so are choices that nobody can remember. */
const mostDigits = 64;
const mostOptions = 50;
const longestOption = 200;

const digits = z.int().min(1).max(mostDigits);

/** What may be declared as an answer that the agent waits for; the one schema of {@link ExpectedAnswer}. */
export const expectedAnswerSchema: z.ZodType<ExpectedAnswer> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('free') }),
  z.object({ kind: z.literal('yes-no') }),
  z.object({ kind: z.literal('anything-else') }),
  z.object({
    kind: z.literal('choice'),
    options: z.array(z.string().min(1).max(longestOption)).min(1).max(mostOptions),
  }),
  z.object({ kind: z.literal('date') }),
  z
    .object({ kind: z.literal('number'), of: z.enum(['phone', 'card', 'other']), minDigits: digits, maxDigits: digits })
    .refine(({ minDigits, maxDigits }) => minDigits <= maxDigits, 'expected minDigits to be no more than maxDigits'),
  z.object({ kind: z.literal('email') }),
  z.object({ kind: z.literal('spelling') }),
]);
