import { createParser } from 'eventsource-parser';
import { answered, type Sample } from './sample.js';

/** Enough for what is said in one breath. */
const maxTokens = 24;

export type ChatMessage = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string };

/** Has a text answered: `llm_ttft` is the time from the request to the first piece of text. */
export async function requestChat(host: string, text: string): Promise<Sample> {
  const startMs = performance.now();
  let firstMs: number | undefined;
  let pieces = 0;
  for await (const _ of replyTo(host, [{ role: 'user', content: text }])) {
    firstMs ??= performance.now();
    pieces += 1;
  }
  if (firstMs === undefined) throw new Error('an answer without a word');
  return { llm_ttft: firstMs - startMs, done: performance.now() - startMs, pieces };
}

/** The reply of the language model as it is written. */
export async function* replyTo(
  host: string,
  messages: readonly ChatMessage[],
  signal?: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const response = await fetch(`http://${host}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages, stream: true, max_completion_tokens: maxTokens }),
    ...(signal ? { signal } : {}),
  });
  const texts: string[] = [];
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') return;
      const event = JSON.parse(data) as {
        readonly choices?: readonly { readonly delta: { readonly content?: string | null } }[];
        readonly error?: { readonly message: string };
      };
      if (event.error) throw new Error(event.error.message);
      const text = event.choices?.[0]?.delta.content;
      if (text) texts.push(text);
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of await answered(response)) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* texts.splice(0);
  }
}
