import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../ports/errors.js';
import type { GenerateEvent, GenerateOptions } from '../../ports/language-model.js';
import { continuedReply } from './continued-reply.js';

const whole = 'Sure, a large coffee with milk. Anything else?';
const died = new ParleyError('gone', { code: 'host.died', retryable: true, status: 503 });

/** A model that always writes the same reply, and dies after so many characters of each attempt. */
function dying(dieAfter: readonly number[], error: Error = died) {
  const asked: GenerateOptions[] = [];
  async function* generate(options: GenerateOptions): AsyncIterable<GenerateEvent> {
    const dies = dieAfter[asked.length];
    asked.push(options);
    const rest = whole.slice(options.forcedBeginning?.length ?? 0);
    let text = '';
    for (let at = 0; at < rest.length; at += 5) {
      if (dies !== undefined && at >= dies) throw error;
      const stopAt = options.endAt?.(text + rest.slice(at, at + 5));
      const piece = rest.slice(at, at + 5).slice(0, stopAt === undefined ? undefined : Math.max(0, stopAt - at));
      text += piece;
      yield { type: 'text', text: piece };
      if (stopAt !== undefined) break;
    }
    yield {
      type: 'finish',
      reason: 'end',
      computedTokens: 1,
      reusedTokens: 0,
      newTokens: 1,
      droppedMessages: 0,
      firstTokenMs: 1,
    };
  }
  return { asked, generate };
}

async function textOf(events: AsyncIterable<GenerateEvent>): Promise<string> {
  let text = '';
  for await (const event of events) if (event.type === 'text') text += event.text;
  return text;
}

const options = (): GenerateOptions => ({ signal: new AbortController().signal, maxTokens: 50 });

describe('a reply that outlives its host', () => {
  it('goes on behind the last word that was given out', async () => {
    const { asked, generate } = dying([0, 15]);
    expect(await textOf(continuedReply(options(), generate))).toBe(whole);
    expect(asked.map(({ forcedBeginning }) => forcedBeginning)).toEqual(['', '', whole.slice(0, 15)]);
  });

  it('keeps its own forced beginning, and ends where the whole reply should', async () => {
    const { asked, generate } = dying([10]);
    const endAt = (text: string): number | undefined => {
      const at = text.indexOf('milk.');
      return at < 0 ? undefined : at + 5;
    };
    const text = await textOf(continuedReply({ ...options(), forcedBeginning: 'Sure,', endAt }, generate));
    expect(text).toBe(' a large coffee with milk.');
    expect(asked[1]?.forcedBeginning).toBe('Sure, a large c');
  });

  it('is given up after the third host, and at once for any other failure', async () => {
    const often = dying([5, 5, 5, 5, 5]);
    await expect(textOf(continuedReply(options(), often.generate))).rejects.toBe(died);
    expect(often.asked).toHaveLength(3);
    const failure = new ParleyError('no', { code: 'language_model.failed' });
    const once = dying([5, 5], failure);
    await expect(textOf(continuedReply(options(), once.generate))).rejects.toBe(failure);
    expect(once.asked).toHaveLength(1);
  });
});
