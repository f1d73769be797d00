import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handles, type Vitals } from '../bench/support/watched-process.js';
import { House, type HouseCall } from './support/house.js';
import { houseReply } from './support/house-words.js';

const turns = 200;
const callsAtOnce = 8;
const warmTurns = 40;
/** A conversation is kept as long as its call lasts, and little else. */
const mostGrowthInCalls = 1.15;
const mostGrowthOverCalls = 1.1;
const mostMemoryGrowth = 1.3;

let house: House;
beforeAll(async () => {
  house = await House.start({ PARLEY_MAX_CALLS: String(callsAtOnce), PARLEY_LOG_LEVEL: 'warn' });
});
afterAll(() => house?.stop());

async function callAll(count: number, onTurn: (calls: readonly HouseCall[]) => Promise<void>): Promise<void> {
  const calls = await Promise.all(Array.from({ length: callsAtOnce }, () => house.connect({ greeting: false })));
  for (let turn = 0; turn < count; turn += callsAtOnce) {
    expect(await Promise.all(calls.map((call) => call.exchange()))).toEqual(calls.map(() => houseReply));
    for (const call of calls) call.events.length = 0;
    await onTurn(calls);
  }
  await Promise.all(calls.map((call) => call.close()));
}

/** When what belongs to calls that have ended is gone: some of it is held by deadlines of seconds. */
async function idle(like?: Vitals): Promise<Vitals> {
  for (let tries = 0; ; tries++) {
    const vitals = await house.process.settled();
    const gone = like
      ? handles(vitals) === handles(like) && vitals.heapBytes < like.heapBytes * mostGrowthOverCalls
      : !('TCPSocketWrap' in vitals.resources);
    if (tries === 100 || gone) return vitals;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('many turns in one process', () => {
  it(`${turns} turns leave no memory taken, no handle open and no listener behind`, async () => {
    const fresh = await idle();
    await callAll(warmTurns, async () => {});
    const before = await idle({ ...fresh, heapBytes: Number.POSITIVE_INFINITY });
    expect(handles(before)).toBe(handles(fresh));

    const inCalls: Vitals[] = [];
    await callAll(turns, async () => {
      inCalls.push(await house.process.settled());
    });
    const after = await idle(before);
    expect(handles(after)).toBe(handles(before));
    expect(after.heapBytes / before.heapBytes).toBeLessThan(mostGrowthOverCalls);
    expect(after.rssBytes / before.rssBytes).toBeLessThan(mostMemoryGrowth);

    const early = inCalls[warmTurns / callsAtOnce];
    const late = inCalls.at(-1);
    expect((late?.heapBytes ?? 0) / (early?.heapBytes ?? 1)).toBeLessThan(mostGrowthInCalls);
    expect(late?.resources.Timeout ?? 0).toBeLessThanOrEqual((early?.resources.Timeout ?? 0) + callsAtOnce);
    // Node says so when something gathers listeners.
    expect(house.process.output).not.toContain('MaxListenersExceededWarning');
  }, 120_000);

  it('a hundred calls of one turn leave none of it behind', async () => {
    const before = await idle();
    for (let i = 0; i < 13; i++) {
      await callAll(callsAtOnce, async () => {});
      await idle(before);
    }
    const after = await idle(before);
    expect(handles(after)).toBe(handles(before));
    expect(after.heapBytes / before.heapBytes).toBeLessThan(mostGrowthOverCalls);
    expect(after.rssBytes / before.rssBytes).toBeLessThan(mostMemoryGrowth);
  }, 120_000);
});
