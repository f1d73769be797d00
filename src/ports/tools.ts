/** A function that the agent may have carried out, by somebody who is not the agent. */
export type ToolDefinition = {
  readonly name: string;
  /** What it does and when it is wanted, for the model. */
  readonly description: string;
  /** JSON Schema of its arguments: an object. */
  readonly parameters: unknown;
  /** An engine with tools of its own is asked to keep to the schema to the letter. @defaultValue false */
  readonly strict?: boolean;
};

/** Whether a reply may be a call: as the model sees fit, never, always, or always of this tool. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

export type Toolbox = { readonly tools: readonly ToolDefinition[]; readonly choice: ToolChoice };

/** Whether a reply has to be a call, whatever was said. */
export function demandsCall(choice: ToolChoice): boolean {
  return choice === 'required' || typeof choice === 'object';
}

/** Those of the tools that a reply may call. */
export function callableTools<Tool extends { readonly name: string }>(
  tools: readonly Tool[],
  choice: ToolChoice,
): readonly Tool[] {
  if (choice === 'none') return [];
  return typeof choice === 'object' ? tools.filter(({ name }) => name === choice.name) : tools;
}

export const noTools: Toolbox = { tools: [], choice: 'auto' };

/** `arguments` is JSON text of the tool's schema. */
export type ToolCall = { readonly callId: string; readonly name: string; readonly arguments: string };

/** What came of a call, as text or JSON text. */
export type ToolResult = { readonly callId: string; readonly output: string };

/** A name for a call that whoever makes it has not named. */
export function newCallId(): string {
  return `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`;
}
