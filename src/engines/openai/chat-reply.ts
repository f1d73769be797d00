import { type JsonSchema, readJsonReply } from '../../ports/json-schema.js';
import type { GenerateEvent, GenerateOptions } from '../../ports/language-model.js';
import type { ToolReplyEvent } from '../../ports/native-tools.js';
import { cutAt, heldBack } from '../../ports/stop-text.js';
import type { Toolbox } from '../../ports/tools.js';
import { cutOff, rubbish } from '../remote/refusals.js';
import type { RemoteApi } from '../remote/remote-api.js';
import { AfterBeginning } from './after-beginning.js';
import type { WireMessage } from './chat-messages.js';
import { type ChatUsage, endOfChat, readChatChunk } from './chat-wire.js';
import { ToolCalls } from './tool-calls.js';
import { offersTools } from './tool-request.js';

export type ChatReplyRequest = {
  readonly options: GenerateOptions;
  readonly schema: JsonSchema | undefined;
  readonly signal: AbortSignal;
  /** The prompt and the conversation. */
  readonly messages: readonly WireMessage[];
  readonly droppedMessages: number;
  /** What it may call natively. */
  readonly native: NativeTools | undefined;
};

export type NativeTools = { readonly toolbox: Toolbox; readonly parallel: boolean; readonly callTokens: number };

/** A call comes behind a sentence, not behind a speech: chosen, not measured. */
const mostUnwantedTokens = 12;

/**
 * What a server streams, as the events of the port. Stop strings and the caller's own end are looked for here, because a
 * server does not tell a reply that was stopped from one that ended; the request is then broken off.
 * @param continues the server goes on from the forced beginning by itself and never repeats it
 */
export async function* chatReply(
  api: RemoteApi,
  chunks: AsyncIterable<string>,
  { options, schema, droppedMessages, native }: ChatReplyRequest,
  { continues, startedMs }: { readonly continues: boolean; readonly startedMs: number },
): AsyncGenerator<ToolReplyEvent, void, undefined> {
  const { stop = [], endAt, forcedBeginning = '' } = options;
  const calls = native && offersTools(native.toolbox) ? new ToolCalls(api, native.toolbox) : undefined;
  const after = new AfterBeginning(continues ? '' : forcedBeginning);
  let text = '';
  let given = 0;
  /** Tokens of words behind the end that was wanted: calls may follow them. */
  let unwanted: number | undefined;
  let newTokens = 0;
  let toldTokens = 0;
  let firstAtMs: number | undefined;
  let finish: string | undefined;
  let usage: ChatUsage | undefined;

  const finished = (reason: 'end' | 'length' | 'stop'): GenerateEvent => {
    const { prompt = 0, cached = 0, generated = newTokens } = usage ?? {};
    return {
      type: 'finish',
      reason,
      computedTokens: Math.max(0, prompt - cached),
      reusedTokens: cached,
      newTokens: generated,
      droppedMessages,
      firstTokenMs: (firstAtMs ?? api.clock.nowMs()) - startedMs,
      ...(schema && reason === 'end' && !calls?.any ? { json: readJsonReply(text, schema) } : {}),
    };
  };
  function* giveOut(until: number): Generator<GenerateEvent> {
    if (until <= given) return;
    yield { type: 'text', text: text.slice(given, until), tokens: newTokens - toldTokens };
    toldTokens = newTokens;
    given = until;
  }

  for await (const data of chunks) {
    if (data.trim() === endOfChat) break;
    const chunk = readChatChunk(api, data);
    usage = chunk.usage ?? usage;
    finish = chunk.finish ?? finish;
    if (calls && chunk.calls.length > 0) {
      firstAtMs ??= api.clock.nowMs();
      newTokens += 1;
      for (const delta of chunk.calls) yield* calls.push(delta);
    }
    if (chunk.text === '') continue;
    firstAtMs ??= api.clock.nowMs();
    newTokens += 1;
    if (unwanted !== undefined) {
      if (++unwanted > mostUnwantedTokens && !calls?.any) return yield finished('stop');
      continue;
    }
    text += after.push(chunk.text);
    const own = endAt?.(text);
    const cut = cutAt(text, stop, own);
    yield* giveOut(cut ?? text.length - heldBack(text, stop));
    if (cut === undefined) continue;
    if (!calls || cut !== own) return yield finished('stop');
    unwanted = 0;
  }
  if (finish === undefined) throw cutOff(api.provider, 'the reply stopped before its end');
  if (finish === 'tool_calls' && calls?.any === false)
    throw rubbish(api.provider, 'a reply that ends with calls of tools, and has none');
  if (unwanted === undefined) text += after.end();
  const cut = cutAt(text, stop, endAt?.(text));
  yield* giveOut(cut ?? text.length);
  for (const call of calls?.whole({ cut: finish === 'length' }) ?? []) yield { type: 'tool-call', call };
  yield finished(cut !== undefined ? 'stop' : finish === 'length' ? 'length' : 'end');
}
