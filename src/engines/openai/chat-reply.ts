import { type JsonSchema, readJsonReply } from '../../ports/json-schema.js';
import type { ChatMessage, GenerateEvent, GenerateOptions } from '../../ports/language-model.js';
import { cutAt, heldBack } from '../../ports/stop-text.js';
import { cutOff } from '../remote/refusals.js';
import type { RemoteApi } from '../remote/remote-api.js';
import { AfterBeginning } from './after-beginning.js';
import { type ChatUsage, endOfChat, readChatChunk } from './chat-wire.js';

export type ChatReplyRequest = {
  readonly options: GenerateOptions;
  readonly schema: JsonSchema | undefined;
  readonly signal: AbortSignal;
  /** The prompt and the conversation. */
  readonly messages: readonly ChatMessage[];
  readonly droppedMessages: number;
};

/**
 * What a server streams, as the events of the port. Stop strings and the caller's own end are looked for here, because a
 * server does not tell a reply that was stopped from one that ended; the request is then broken off.
 * @param continues the server goes on from the forced beginning by itself and never repeats it
 */
export async function* chatReply(
  api: RemoteApi,
  chunks: AsyncIterable<string>,
  { options, schema, droppedMessages }: ChatReplyRequest,
  { continues, startedMs }: { readonly continues: boolean; readonly startedMs: number },
): AsyncGenerator<GenerateEvent, void, undefined> {
  const { stop = [], endAt, forcedBeginning = '' } = options;
  const after = new AfterBeginning(continues ? '' : forcedBeginning);
  let text = '';
  let given = 0;
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
      ...(schema && reason === 'end' ? { json: readJsonReply(text, schema) } : {}),
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
    if (chunk.text === '') continue;
    firstAtMs ??= api.clock.nowMs();
    newTokens += 1;
    text += after.push(chunk.text);
    const cut = cutAt(text, stop, endAt?.(text));
    yield* giveOut(cut ?? text.length - heldBack(text, stop));
    if (cut !== undefined) return yield finished('stop');
  }
  if (finish === undefined) throw cutOff(api.provider, 'the reply stopped before its end');
  text += after.end();
  const cut = cutAt(text, stop, endAt?.(text));
  yield* giveOut(cut ?? text.length);
  yield finished(cut !== undefined ? 'stop' : finish === 'length' ? 'length' : 'end');
}
