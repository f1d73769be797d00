import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { defaultAgent } from '../agents/default-agent.js';
import { type AgentDefinition, agentLimits, changedAgent } from '../agents/definition.js';
import { keywordLimits, usualKeywordWeight } from '../ports/keyword-limits.js';
import type { Located } from '../yaml/read-yaml.js';

/** As much as helps a model without filling its context. Chosen, not measured. */
const mostExamples = 20;
const exampleBytes = 2_000;

const text = (maxBytes: number) =>
  z
    .string()
    .trim()
    .min(1, { error: 'a text that is not empty' })
    .refine((value) => Buffer.byteLength(value) <= maxBytes, { error: `at most ${maxBytes} bytes of text` });

const keyword = z
  .string()
  .max(keywordLimits.characters)
  .regex(/[\p{L}\p{N}]/u, { error: 'a word or short phrase' });

/** Who the agent is, as parley.yaml says it under `agent`. */
export const identityShape = {
  name: text(200).optional(),
  instructions: text(agentLimits.instructionsBytes).optional(),
  /** A file beside parley.yaml. */
  instructions_file: z.string().min(1).optional(),
  greeting: z
    .union([text(agentLimits.greetingBytes), z.literal(false)], {
      error: `a text of at most ${agentLimits.greetingBytes} bytes, or false when the caller speaks first`,
    })
    .optional(),
  voice: z.string().min(1).optional(),
  examples: z
    .array(z.strictObject({ caller: text(exampleBytes), agent: text(exampleBytes) }))
    .max(mostExamples)
    .optional(),
  keywords: z.array(keyword).max(keywordLimits.count).optional(),
};

type Identity = z.infer<z.ZodObject<typeof identityShape>>;

/**
 * The agent that parley.yaml describes: the default one, but for what it says.
 * @param voices of its voice engine, the default first; empty where the engine is not known
 */
export function readIdentity(
  identity: Identity,
  { folder, voices }: { readonly folder: string; readonly voices: readonly string[] },
): { readonly definition: AgentDefinition; readonly problems: readonly Located[] } {
  const problems: Located[] = [];
  const wrong = (key: keyof Identity, message: string): void => {
    problems.push({ path: ['agent', key], message: `${key}: expected ${message}` });
  };
  const { greeting, voice, examples, keywords, instructions_file: file } = identity;
  let { instructions } = identity;
  if (file !== undefined) {
    const path = resolve(folder, file);
    const read = readInstructions(path);
    if (instructions !== undefined) wrong('instructions_file', 'instructions or instructions_file, found both');
    else if ('refused' in read)
      wrong(
        'instructions_file',
        `a text file of at most ${agentLimits.instructionsBytes} bytes, and ${path} ${read.refused}`,
      );
    else instructions = read.text;
  }
  if (identity.name !== undefined && identity.instructions === undefined && file === undefined)
    wrong('name', 'instructions as well: it is they that say who the agent is');
  if (voice !== undefined && voices.length > 0 && !voices.includes(voice))
    wrong('voice', `one of ${voices.join(', ')}, found "${voice}"`);
  const definition = changedAgent(defaultAgent, {
    name: identity.name ?? (instructions === undefined ? undefined : unnamed),
    instructions,
    greeting,
    voice: voice ?? voices[0],
    examples: examples?.flatMap(({ caller, agent }) => [
      { role: 'user' as const, text: caller },
      { role: 'assistant' as const, text: agent },
    ]),
    keywords: keywords?.map((text) => ({ text, weight: usualKeywordWeight })),
  });
  return { definition, problems };
}

const unnamed = 'the agent of parley.yaml';

/** Read whole at once: nothing is being served yet. */
function readInstructions(path: string): { readonly text: string } | { readonly refused: string } {
  try {
    const found = statSync(path);
    if (!found.isFile()) return { refused: 'is none' };
    if (found.size > agentLimits.instructionsBytes) return { refused: `has ${found.size} bytes` };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)).trim();
    return text === '' ? { refused: 'is empty' } : { text };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { refused: 'is not there' };
    return { refused: code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not in UTF-8' : `cannot be read (${code})` };
  }
}
