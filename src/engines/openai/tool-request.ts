import { ParleyError } from '../../ports/errors.js';
import { callableTools, demandsCall, type Toolbox } from '../../ports/tools.js';

/** Servers take up with `auto` more often than with a call that is demanded. */
export type ToolDemand = 'auto' | 'demanded';

export function demandOf({ choice }: Toolbox): ToolDemand {
  return demandsCall(choice) ? 'demanded' : 'auto';
}

/** The tools of a request, in its words; nothing where none may be called. */
export function toolFields(toolbox: Toolbox, parallel: boolean): Readonly<Record<string, unknown>> {
  const { choice, tools } = toolbox;
  if (!offersTools(toolbox)) return {};
  return {
    tools: tools.map(({ name, description, parameters, strict }) => ({
      type: 'function',
      function: {
        name,
        ...(description === '' ? {} : { description }),
        parameters: parameters ?? { type: 'object', properties: {} },
        ...(strict ? { strict } : {}),
      },
    })),
    // What is usual is left out: not every server knows the field.
    ...(choice === 'auto' ? {} : { tool_choice: wireChoice(choice) }),
    ...(parallel ? {} : { parallel_tool_calls: false }),
  };
}

export function offersTools({ choice, tools }: Toolbox): boolean {
  return callableTools(tools, choice).length > 0;
}

function wireChoice(choice: Toolbox['choice']): unknown {
  return typeof choice === 'object' ? { type: 'function', function: { name: choice.name } } : choice;
}

const aboutTools = /\btools?\b|tool[_ -]?(?:choice|calls?|use)|function[_ -]?call/i;
const notThere =
  /not (?:\w+ )?support|n't (?:\w+ )?support|unsupported|requires? |not (?:\w+ )?(?:enabled|available|allowed|permitted)|no endpoints|unrecognized|unknown|unexpected|extra inputs/i;

/**
 * Whether a refusal says that the server has no tools, or not such as were asked for. There is no code for it: Ollama says
 * "does not support tools", vLLM that it "requires --enable-auto-tool-choice", others that the field is not supported.
 */
export function refusesTools(error: unknown): boolean {
  if (!ParleyError.isInstance(error) || (error.code !== 'remote.refused' && error.code !== 'remote.failed'))
    return false;
  return aboutTools.test(error.message) && notThere.test(error.message);
}
