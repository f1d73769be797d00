import { expect, it, vi } from 'vitest';
import { BoundedQueue } from './bounded-queue.js';

type Value = { readonly n: number };
const queue = (most = 3, onReturn = () => {}) =>
  new BoundedQueue<Value>({ most, replaces: (later, earlier) => later.n === earlier.n, onReturn });
const all = async (values: BoundedQueue<Value>): Promise<Value[]> => {
  const read: Value[] = [];
  for await (const value of values) read.push(value);
  return read;
};

it('gives what came in order, whether it was waited for or waits itself', async () => {
  const values = queue();
  values.push({ n: 1 });
  values.push({ n: 2 });
  expect(await values.next()).toEqual({ value: { n: 1 }, done: false });
  expect(await values.next()).toEqual({ value: { n: 2 }, done: false });
  const next = values.next();
  values.push({ n: 3 });
  expect(await next).toEqual({ value: { n: 3 }, done: false });
});

it('gives what was there before the end, then the end or its error', async () => {
  const values = queue();
  values.push({ n: 1 });
  values.end();
  values.push({ n: 2 });
  expect(await all(values)).toEqual([{ n: 1 }]);
});

it('ends with an error when too much waits', async () => {
  const values = queue(2);
  for (const n of [1, 2, 3, 4]) values.push({ n });
  const read: number[] = [];
  await expect(
    (async () => {
      for await (const { n } of values) read.push(n);
    })(),
  ).rejects.toMatchObject({ code: 'client.unread' });
  expect(read).toEqual([1, 2]);
});

it('lets a later one take the place of the one before it', async () => {
  const values = queue(2);
  for (const n of [1, 1, 1, 2, 2, 2]) values.push({ n });
  values.end();
  expect(await all(values)).toEqual([{ n: 1 }, { n: 2 }]);
});

it('tells when its reader has stopped', async () => {
  const onReturn = vi.fn();
  const values = queue(3, onReturn);
  values.push({ n: 1 });
  values.push({ n: 2 });
  for await (const _ of values) break;
  expect(onReturn).toHaveBeenCalledOnce();
  expect(await values.next()).toEqual({ value: undefined, done: true });
});
