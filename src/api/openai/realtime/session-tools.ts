import { checkTool } from '../../../agents/tools/tool-schema.js';
import { ParleyError } from '../../../ports/errors.js';
import type { ToolChoice, ToolDefinition } from '../../../ports/tools.js';
import type { SessionUpdate } from './client-events.js';
import type { Problem } from './event-writer.js';

type GivenTool = NonNullable<SessionUpdate['tools']>[number];

/** The tools of a session or response that can be called, and what is wrong with the others. */
export function readTools(
  given: readonly GivenTool[],
  param: string,
): { readonly tools: readonly ToolDefinition[]; readonly problems: readonly Problem[] } {
  const tools = new Map<string, ToolDefinition>();
  const problems: Problem[] = [];
  for (const [index, { type = 'function', name = '', description = '', parameters = {} }] of given.entries()) {
    const at = `${param}.${index}`;
    if (type !== 'function') {
      const message = `Only tools of type "function" can be called, not "${type.slice(0, 40)}": the server calls nobody by itself.`;
      problems.push({ code: 'parley.not_supported', message, param: at });
      continue;
    }
    const tool = { name, description, parameters };
    try {
      tools.delete(name);
      checkTool(tool, [...tools.values()]);
      tools.set(name, tool);
    } catch (error) {
      if (!ParleyError.isInstance(error)) throw error;
      problems.push({ code: error.code, message: error.message, param: at });
    }
  }
  return { tools: [...tools.values()], problems };
}

/** A choice among these tools, or what is wrong with it. */
export function readToolChoice(
  given: unknown,
  tools: readonly ToolDefinition[],
  param: string,
): { readonly choice: ToolChoice } | { readonly problem: Problem } {
  if (given === 'auto' || given === 'none' || given === 'required') return { choice: given };
  const { type, name } = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  if (type !== 'function' || typeof name !== 'string')
    return {
      problem: {
        code: 'invalid_value',
        message: `${param}: Expected "auto", "none", "required" or {"type":"function","name":name}.`,
        param,
      },
    };
  if (tools.some((tool) => tool.name === name)) return { choice: { name } };
  return { problem: { code: 'invalid_value', message: `${param}: There is no tool "${name.slice(0, 80)}".`, param } };
}

export function toolsView(tools: readonly ToolDefinition[]): readonly Readonly<Record<string, unknown>>[] {
  return tools.map((tool) => ({ type: 'function', ...tool }));
}

export function toolChoiceView(choice: ToolChoice): unknown {
  return typeof choice === 'string' ? choice : { type: 'function', name: choice.name };
}
