import { ParleyError } from '../../../ports/errors.js';
import { callableTools, demandsCall, type ToolChoice } from '../../../ports/tools.js';
import type { ChatTool } from './chat-types.js';

/** The tool that stands for an answer in words. */
export const noTool = 'none';

/**
 * What the model may choose: a call of one of the tools, or none. Undefined: there is nothing to choose.
 * @throws ParleyError `chat.tools` (400)
 */
export function choiceSchema(tools: readonly ChatTool[], choice: ToolChoice): unknown {
  if (choice === 'none' || tools.length === 0) {
    if (!demandsCall(choice)) return undefined;
    throw refused('a tool is to be called, but there are none');
  }
  const names = tools.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refused(`there are two tools of the name "${twice}"`);
  const wanted = callableTools(tools, choice);
  if (wanted.length === 0) throw refused('the tool that is to be called is not among the tools');
  const calls = wanted.map(callSchema);
  const none = { type: 'object', properties: { name: { const: noTool } }, required: ['name'] };
  return { anyOf: demandsCall(choice) ? calls : [none, ...calls] };
}

function callSchema({ name, parameters, strict }: ChatTool): unknown {
  const given = parameters ?? { type: 'object', properties: {} };
  return {
    type: 'object',
    properties: { name: { const: name }, arguments: strict ? given : relaxedSchema(given) },
    required: ['name', 'arguments'],
  };
}

/** What a schema may say that a reply can be held to. */
const kept = new Set(['type', 'properties', 'required', 'items', 'enum', 'const', 'anyOf', 'minItems', 'maxItems']);

/** Without what cannot be kept to while it is written, such as formats and bounds of numbers. */
export function relaxedSchema(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema;
  const all = schema as Readonly<Record<string, unknown>>;
  if ('oneOf' in all && !('anyOf' in all)) return relaxedSchema({ ...all, anyOf: all.oneOf });
  if (Array.isArray(all.anyOf)) return { anyOf: all.anyOf.map(relaxedSchema) };
  const own = Object.fromEntries(Object.entries(all).filter(([key]) => kept.has(key)));
  if ('const' in own || 'enum' in own) return own;
  if (own.type === 'array') return { ...own, items: relaxedSchema(own.items ?? { type: 'string' }) };
  if (own.type !== undefined && own.type !== 'object') return own;
  const properties = own.properties as Readonly<Record<string, unknown>> | undefined;
  if (properties === undefined) return { type: 'object', additionalProperties: true };
  const each = Object.entries(properties).map(([name, value]) => [name, relaxedSchema(value)]);
  const required = Array.isArray(own.required) ? own.required.filter((name) => Object.hasOwn(properties, name)) : [];
  return { type: 'object', properties: Object.fromEntries(each), required };
}

function refused(detail: string): ParleyError {
  return new ParleyError(`The tools cannot be used: ${detail}.`, { code: 'chat.tools', status: 400 });
}
