import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.js';

async function read<T>(queue: EventQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe('event queue', () => {
  it('hands over in order, what came before the reader and what comes after', async () => {
    const queue = new EventQueue<number>();
    queue.push(1);
    const reading = read(queue);
    queue.push(2);
    await Promise.resolve();
    queue.push(3);
    queue.end();
    queue.push(4);
    expect(await reading).toEqual([1, 2, 3]);
  });

  it('fails the reader after what was pushed before the failure', async () => {
    const queue = new EventQueue<number>();
    queue.push(1);
    queue.fail(new Error('the line is dead'));
    const iterator = queue[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ value: 1, done: false });
    await expect(iterator.next()).rejects.toThrow('the line is dead');
  });

  it('ends quietly when its signal aborts, while somebody waits and before', async () => {
    const abort = new AbortController();
    const reading = read(new EventQueue<number>(abort.signal));
    abort.abort();
    expect(await reading).toEqual([]);
    expect(await read(new EventQueue<number>(abort.signal))).toEqual([]);
  });

  it('lets go of its signal when it has ended', () => {
    const { signal } = new AbortController();
    const queues = [new EventQueue(signal), new EventQueue(signal)];
    expect(getEventListeners(signal, 'abort')).toHaveLength(2);
    queues[0]?.end();
    queues[1]?.fail(new Error('over'));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('fails when nobody reads what is pushed, and grows no further', async () => {
    const queue = new EventQueue<number>(undefined, 3);
    for (let i = 0; i < 10; i++) queue.push(i);
    const iterator = queue[Symbol.asyncIterator]();
    for (let i = 0; i < 3; i++) expect((await iterator.next()).value).toBe(i);
    await expect(iterator.next()).rejects.toMatchObject({ code: 'queue.full' });
  });
});
