import { ParleyError } from '../../ports/errors.js';
import { readJsonSchema } from '../../ports/json-schema.js';
import type { ToolDefinition } from '../../ports/tools.js';

/** What a tool may be called. */
export const toolName = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * Narrow a value in ways that a grammar of tokens cannot follow: the model is not held to them, and whoever carries out
 * the call checks its arguments anyway.
 */
const narrowing = new Set([
  'format',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'uniqueItems',
  'additionalProperties',
  'strict',
  'readOnly',
  'writeOnly',
  'nullable',
]);

/**
 * The arguments of a tool as the model is held to them, as a JSON Schema that the language model takes.
 * @throws ParleyError `tools.unusable` (400), which says what of it cannot be used
 */
export function argumentsSchema({ name, parameters }: ToolDefinition): unknown {
  try {
    const schema = simplified(parameters ?? {}, true);
    if (readJsonSchema(schema).type === 'object') return schema;
  } catch (cause) {
    throw unusable(name, ParleyError.isInstance(cause) ? cause.message : 'Its parameters are no JSON Schema.', cause);
  }
  throw unusable(name, 'Its parameters must be an object.');
}

/** A call of one of these tools. */
export function callSchema(tools: readonly ToolDefinition[]): unknown {
  return {
    anyOf: tools.map((tool) => ({
      type: 'object',
      properties: { name: { const: tool.name }, arguments: argumentsSchema(tool) },
      required: ['name', 'arguments'],
    })),
  };
}

/**
 * Whether a tool can be called, beside others that can.
 * @throws ParleyError `tools.unusable` (400)
 */
export function checkTool(tool: ToolDefinition, others: readonly ToolDefinition[] = []): void {
  if (!toolName.test(tool.name))
    throw unusable(tool.name.slice(0, 80), 'A name has 1 to 64 letters, digits, hyphens and underscores.');
  argumentsSchema(tool);
  try {
    readJsonSchema(callSchema([...others, tool]));
  } catch (cause) {
    const why = ParleyError.isInstance(cause) ? ` ${cause.message}` : '';
    throw unusable(tool.name, `Together with the tools before it there is too much to choose from.${why}`, cause);
  }
}

function simplified(schema: unknown, isRoot = false): unknown {
  if (Array.isArray(schema)) return schema.map((each) => simplified(each));
  if (typeof schema !== 'object' || schema === null) return schema;
  const fields = Object.entries(schema).filter(([key]) => !narrowing.has(key));
  const given = Object.fromEntries(fields);
  const { properties, items, anyOf, oneOf, ...rest } = given;
  const choices = anyOf ?? oneOf;
  const isObject = isRoot || properties !== undefined || rest.type === 'object';
  return {
    ...(isObject && rest.type === undefined ? { type: 'object' } : {}),
    ...rest,
    ...(isRecord(properties)
      ? { properties: Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, simplified(each)])) }
      : {}),
    ...(items === undefined ? {} : { items: simplified(items) }),
    ...(choices === undefined ? {} : { anyOf: simplified(choices) }),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unusable(name: string, why: string, cause?: unknown): ParleyError {
  return new ParleyError(`The tool "${name}" cannot be used. ${why}`, { code: 'tools.unusable', status: 400, cause });
}
