import { expect, it } from 'vitest';
import { callScripts, chanceFrom, scriptNames } from './support/call-scripts.js';
import { type Client, type Findings, RandomCall } from './support/random-call.js';

/** Set PARLEY_TEST_TURNS for more: 2,000 take about a minute and a half. Every call has every script and another seed. */
const wantedTurns = Number(process.env.PARLEY_TEST_TURNS || 750);
const exchangesPerCall = 24;
const clients: readonly Client[] = ['plain', 'truncates', 'marks'];

async function callOf(seed: number): Promise<Findings> {
  const chance = chanceFrom(seed);
  const call = await RandomCall.open({
    client: clients[seed % clients.length] as Client,
    networkMs: chance.oneOf([0, 0, 60, 150]),
    greet: chance.oneOf([true, false]),
    openers: chance.oneOf([true, false]),
    budget: chance.oneOf([true, false]),
    emptyEvery: chance.oneOf([0, 9]),
    sure: Array.from({ length: 40 }, () => chance.between(0, 100) / 100),
  });
  // Every script in every call, the rest by chance, in any order.
  const names = [...scriptNames];
  while (names.length < exchangesPerCall) names.push(chance.oneOf(scriptNames));
  while (names.length > 0) {
    const [name] = names.splice(chance.between(0, names.length - 1), 1);
    if (name) for (const step of callScripts[name](chance)) await call.do(step);
  }
  await call.settle();
  return call.end();
}

it(`${wantedTurns} turns of every kind: none missed, none stuck, none over another, each remembered as it was heard`, async () => {
  const total = { calls: 0, turns: 0, replies: 0 };
  const wrong = new Map<string, string[]>();
  for (let seed = 1; total.turns < wantedTurns; seed++) {
    const { turns, replies, ...found } = await callOf(seed);
    total.calls += 1;
    total.turns += turns;
    total.replies += replies;
    for (const [kind, cases] of Object.entries(found))
      wrong.set(kind, [...(wrong.get(kind) ?? []), ...cases.map((each) => `seed ${seed}: ${each}`)]);
  }
  const counts = [...wrong].map(([kind, cases]) => `${kind} ${cases.length}`);
  console.log(`${total.calls} calls, ${total.turns} turns, ${total.replies} replies: ${counts.join(', ')}`);
  expect([...wrong.values()].flat()).toEqual([]);
}, 900_000);
