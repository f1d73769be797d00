import { describe, expect, it } from 'vitest';
import type { SpeechText } from '../../../platform/layers/speech/clauses-of-text.js';
import { VirtualClock } from '../../../testing/virtual-clock.js';
import { type OpenedSpeech, type QueuedSpeech, SpeechQueue } from './speech-queue.js';

const opened = (id: string, maxWaitMs = 0): OpenedSpeech => ({
  id,
  externalId: undefined,
  externalSessionId: undefined,
  chosen: undefined,
  withWords: false,
  reported: [],
  maxWaitMs,
});

function queueOf() {
  const clock = new VirtualClock();
  const abort = new AbortController();
  const queue = new SpeechQueue({
    clock,
    signal: abort.signal,
    maxCharacters: 10,
    maxSpeeches: 2,
    maxSilenceMs: 1_000,
  });
  const speeches = queue[Symbol.asyncIterator]();
  const take = async (): Promise<QueuedSpeech> => (await speeches.next()).value;
  return { clock, abort, queue, take };
}

async function textOf({ text }: QueuedSpeech): Promise<readonly SpeechText[]> {
  const pieces: SpeechText[] = [];
  for await (const piece of text) pieces.push(piece);
  return pieces;
}

describe('a queue of speeches', () => {
  it('has what is buffered spoken when no more has come for as long as was asked', async () => {
    const { clock, queue, take } = queueOf();
    await queue.open(opened('a', 100));
    queue.write('one');
    await clock.advance(99);
    queue.write('two');
    await clock.advance(99);
    queue.write('six');
    await clock.advance(100);
    queue.finish();
    expect((await textOf(await take())).map(({ type }) => type)).toEqual(['text', 'text', 'text', 'flush']);
  });

  it('ends a speech that gets no more text, which gives its place to others', async () => {
    const { clock, queue, take } = queueOf();
    await queue.open(opened('a'));
    await clock.advance(999);
    queue.write('one');
    await clock.advance(999);
    expect(queue.opened?.id).toBe('a');
    await clock.advance(1);
    expect(queue.opened).toBeUndefined();
    expect(await textOf(await take())).toEqual([{ type: 'text', text: 'one' }]);
  });

  it('is busy with what waits for nobody', async () => {
    const { queue } = queueOf();
    await queue.open(opened('a'));
    expect(queue.busy).toBe(false);
    queue.finish();
    expect(queue.busy).toBe(true);
    queue.done();
    expect(queue.busy).toBe(false);
  });

  it('lets no more wait than it may, until one is done or the client has gone', async () => {
    const { abort, queue } = queueOf();
    await queue.open(opened('a'));
    await queue.open(opened('b'));
    let third = 'waits';
    const opening = queue.open(opened('c')).then(() => {
      third = 'open';
    });
    await Promise.resolve();
    expect(third).toBe('waits');
    queue.done();
    await opening;
    expect(queue.opened?.id).toBe('c');
    const fourth = queue.open(opened('d'));
    abort.abort();
    await expect(fourth).resolves.toBeUndefined();
  });

  it('fails a speech of more text than it may have', async () => {
    const { queue, take } = queueOf();
    await queue.open(opened('a'));
    queue.write('eleven char');
    queue.write('more');
    await expect(textOf(await take())).rejects.toMatchObject({ code: 'speech.too_long', status: 413 });
  });
});
