import { describe, expect, it } from 'vitest';
import { Feed } from './feed.js';

describe('a feed', () => {
  it('takes the next thing when the last one has been taken', async () => {
    const feed = new Feed<number>();
    const pushed: number[] = [];
    const pushing = (async () => {
      for (const value of [1, 2, 3]) {
        await feed.push(value);
        pushed.push(value);
      }
      feed.end();
    })();
    await new Promise(setImmediate);
    expect(pushed).toEqual([]);
    const reader = feed[Symbol.asyncIterator]();
    expect(await reader.next()).toEqual({ value: 1, done: false });
    await new Promise(setImmediate);
    expect(pushed).toEqual([1]);
    expect(await reader.next()).toEqual({ value: 2, done: false });
    expect(await reader.next()).toEqual({ value: 3, done: false });
    await pushing;
    expect(await reader.next()).toEqual({ value: undefined, done: true });
  });

  it('holds up nobody when its reader has stopped', async () => {
    const feed = new Feed<number>();
    const reading = (async () => {
      for await (const _ of feed) break;
    })();
    await feed.push(1);
    await reading;
    await feed.push(2);
    await feed.push(3);
  });
});
