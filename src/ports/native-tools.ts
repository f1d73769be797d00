import type { GenerateEvent, GenerateOptions, LanguageModelContext } from './language-model.js';
import type { Toolbox, ToolCall } from './tools.js';

/** A reply that may call tools: words, calls, or both. */
export type NativeToolOptions = GenerateOptions & {
  readonly toolbox: Toolbox;
  /** Whether one reply may make several calls. @defaultValue true */
  readonly parallel?: boolean;
  /** What calls may take beyond `maxTokens`. @defaultValue 0 */
  readonly callTokens?: number;
  /**
   * The same of a model without tools of its own, which writes its calls as JSON: what an engine does whose model turns out to
   * have none, and what a fallback does with the next engine when that one has none.
   */
  readonly written: WrittenTools;
};

export type WrittenTools = (context: LanguageModelContext, options: GenerateOptions) => AsyncIterable<ToolReplyEvent>;

export type ToolReplyEvent =
  | GenerateEvent
  /** Something is being written that is not given out as it comes, such as a call. It may be told any number of times. */
  | { readonly type: 'working' }
  /** A call is being written: a piece of its arguments, appended. Not every engine tells; the whole call follows. */
  | { readonly type: 'tool-call-part'; readonly callId: string; readonly name: string; readonly arguments: string }
  /** A whole call. Its arguments are a JSON object, which may fit the tool's schema or not. All come before the finish. */
  | { readonly type: 'tool-call'; readonly call: ToolCall };

/**
 * A reply that may call tools, natively where the engine can.
 * @throws ParleyError what `generate` throws; `language_model.tool_call` (502, retryable) for a call that is none
 */
export function generateWithTools(
  context: LanguageModelContext,
  options: NativeToolOptions,
): AsyncIterable<ToolReplyEvent> {
  if (context.generateWithTools) return context.generateWithTools(options);
  return options.written(context, options);
}
