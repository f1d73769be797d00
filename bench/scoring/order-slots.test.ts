import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedAudioDir, skipNotice } from '../../test/fixtures/recordings.js';
import { judgeOrders, scoreAgainstShuffled, scoreOrderReply } from './order-slots.js';
import { type OrderLabel, readLabel } from './order-vocabulary.js';

const order = (slots: Record<string, string>): OrderLabel => ({ intent: 'orderDrink', slots });
const score = (reply: string, slots: Record<string, string>) => scoreOrderReply(reply, order(slots));

describe('containsSlot', () => {
  it.each([
    ['One twelve-ounce latte coming up!', { size: 'twelve ounce' }],
    ['That is a 12 ounce, right?', { size: 'twelve ounce' }],
    ['A 16oz then.', { size: 'sixteen ounce' }],
    ['A medium-sized mocha.', { size: 'medium' }],
    ['Sure, a double espresso shot.', { numberOfShots: 'double shot' }],
    ['With two shots of espresso.', { numberOfShots: 'double shot' }],
    ['Okay, a double mocha.', { numberOfShots: 'double shot' }],
    ['With a shot, got it.', { numberOfShots: 'single shot' }],
    ['Dark-roasted, okay.', { roast: 'dark roast' }],
    ['Two lattes, sure.', { coffeeDrink: 'latte' }],
    ['One shot of espresso, okay.', { coffeeDrink: 'espresso' }],
    ['A large iced dark roast coffee.', { coffeeDrink: 'iced coffee' }],
    ['An iced, medium roast coffee.', { coffeeDrink: 'iced coffee' }],
    ['Your coffee is on its way.', { coffeeDrink: 'coffee' }],
    ['And brown sugar?', { sugarAmount: 'a bit of brown sugar' }],
    ['A little brown sugar in it.', { sugarAmount: ' brown sugar' }],
    ['Some skimmed milk.', { milkAmount: 'a lot of skim milk' }],
    ['For your latte, would you like small or large?', { coffeeDrink: 'latte' }],
  ])('finds "%s"', (reply, slots) => {
    expect(score(reply, slots)).toMatchObject({ containsSlot: true, contradicts: false, pass: true });
  });

  it.each([
    ['Sure, with sugar.', { sugarAmount: 'a bit of brown sugar' }],
    ['Okay, with milk.', { milkAmount: ' soy milk' }],
    ['Your coffee is on its way.', { coffeeDrink: 'latte' }],
    ['Welcome to the coffee shop!', { coffeeDrink: 'coffee' }],
    ['A mocha, sure.', { coffeeDrink: 'iced mocha' }],
    ['Let me double check that.', { numberOfShots: 'double shot' }],
    ['Small, medium or large?', { size: 'medium' }],
    ['Do you want a light roast or a dark roast?', { roast: 'dark roast' }],
    ['Sorry, we are out of soy milk.', { milkAmount: ' soy milk' }],
    ['Is that a medium roast?', { size: 'medium' }],
    ['Could you repeat that?', { coffeeDrink: 'latte', size: 'small' }],
    ['', { coffeeDrink: 'latte' }],
  ])('does not find "%s", nor call it a contradiction', (reply, slots) => {
    expect(score(reply, slots)).toMatchObject({ containsSlot: false, contradicts: false, pass: false });
  });
});

describe('contradicts', () => {
  it.each([
    ['One cappuccino coming up.', { coffeeDrink: 'latte' }],
    ['An iced mocha, sure.', { coffeeDrink: 'mocha' }],
    ['A macchiato with that.', { coffeeDrink: 'latte' }],
    ['A large latte.', { coffeeDrink: 'latte', size: 'small' }],
    ['A 16 ounce latte.', { coffeeDrink: 'latte', size: 'twelve ounce' }],
    ['A dark roast, twelve ounces.', { roast: 'light roast', size: 'twelve ounce' }],
    ['A triple latte.', { coffeeDrink: 'latte', numberOfShots: 'double shot' }],
    ['A latte with almond milk.', { coffeeDrink: 'latte', milkAmount: 'some soy milk' }],
    ['A latte with cream.', { coffeeDrink: 'latte', milkAmount: ' milk' }],
    ['A mocha with brown sugar.', { coffeeDrink: 'mocha', sugarAmount: ' sugar' }],
    ['A mocha with sweetener.', { coffeeDrink: 'mocha', sugarAmount: ' brown sugar' }],
    ['A mocha with lots of cream.', { coffeeDrink: 'mocha', milkAmount: 'a little bit of cream' }],
    ['A mocha without cream.', { coffeeDrink: 'mocha', milkAmount: ' cream' }],
    ['A mocha, no milk.', { coffeeDrink: 'mocha', milkAmount: ' soy milk' }],
    ['Did you say cappuccino?', { coffeeDrink: 'latte' }],
    ['A latte. Or rather, a mocha.', { coffeeDrink: 'latte' }],
  ])('is true of "%s"', (reply, slots) => {
    expect(score(reply, slots)).toMatchObject({ contradicts: true, pass: false });
  });

  it.each([
    ['An americano with two shots of espresso.', { coffeeDrink: 'americano', numberOfShots: 'double shot' }],
    ['A drip coffee. Great coffee, by the way.', { coffeeDrink: 'drip coffee' }],
    ['A medium roast, small americano.', { coffeeDrink: 'americano', roast: 'medium roast', size: 'small' }],
    ['A mocha, no cream.', { coffeeDrink: 'mocha', milkAmount: ' soy milk' }],
    ['A latte, not a cappuccino.', { coffeeDrink: 'latte' }],
    ['A latte with some soy milk.', { coffeeDrink: 'latte', milkAmount: 'lots of soy milk' }],
    ['A latte. Would you like whole milk or skim milk?', { coffeeDrink: 'latte', milkAmount: ' soy milk' }],
    ['A latte. What size: small, medium, or large?', { coffeeDrink: 'latte', size: 'twelve ounce' }],
    ["A small latte. We don't have oat milk.", { coffeeDrink: 'latte', milkAmount: ' soy milk' }],
    ['Let me double check: a small latte.', { size: 'small', numberOfShots: 'triple shot' }],
  ])('is false of "%s"', (reply, slots) => {
    expect(score(reply, slots)).toMatchObject({ contradicts: false, pass: true });
  });

  it('names the slot, what was said and what was ordered', () => {
    expect(score('A large latte without milk.', { size: 'small', milkAmount: ' milk' }).contradictions).toEqual([
      { slot: 'size', said: 'large', ordered: 'small' },
      { slot: 'milkAmount', said: 'no milk', ordered: 'milk' },
    ]);
  });

  it('is not true of a slot that was not ordered, which is listed instead', () => {
    expect(score('A large latte.', { coffeeDrink: 'latte' })).toMatchObject({ pass: true, unordered: ['size'] });
  });
});

describe('labels', () => {
  it('with words outside the vocabulary are refused', () => {
    expect(() => score('A flat latte.', { coffeeDrink: 'lungo' })).toThrow(/"lungo" as coffeeDrink; expected one of/);
    expect(() => score('A latte.', { temperature: 'hot' })).toThrow(/as temperature; expected one of/);
  });
});

const tenOrders = [
  { coffeeDrink: 'latte', size: 'small', milkAmount: 'lots of soy milk' },
  { coffeeDrink: 'iced coffee', roast: 'dark roast' },
  { coffeeDrink: 'mocha', numberOfShots: 'double shot', size: 'twelve ounce' },
  { coffeeDrink: 'americano', roast: 'light roast' },
  { coffeeDrink: 'espresso', numberOfShots: 'single shot', size: 'large' },
  { coffeeDrink: 'cappuccino', sugarAmount: 'a bit of brown sugar' },
  { coffeeDrink: 'drip coffee', milkAmount: ' cream' },
  { coffeeDrink: 'house coffee', roast: 'medium roast', sugarAmount: ' sweetener' },
  { coffeeDrink: 'iced mocha', size: 'twenty ounce' },
  { coffeeDrink: 'americano', numberOfShots: 'triple shot' },
].map(order);

/** A reply that repeats the whole order. */
const readBack = ({ slots }: OrderLabel) => {
  const { coffeeDrink, size = '', roast = '', numberOfShots = '', milkAmount, sugarAmount } = slots;
  const extras = [milkAmount, sugarAmount].flatMap((extra) => extra ?? []).join(' and ');
  return `Sure, a ${size} ${numberOfShots} ${roast} ${coffeeDrink}${extras ? ` with ${extras}` : ''}. Anything else?`;
};

describe('judgeOrders', () => {
  it('accepts replies that repeat the orders', () => {
    const verdict = judgeOrders(tenOrders.map(readBack), tenOrders, 1);
    expect(verdict.own).toMatchObject({ n: 10, contains: 10, contradicts: 0, passes: 10 });
    expect(verdict.shuffled.passes).toBeLessThanOrEqual(3);
    expect(verdict.accepted).toBe(true);
  });

  it('accepts two evasive replies but not three, and no contradiction at all', () => {
    const evasive = (count: number) => tenOrders.map((label, i) => (i < count ? 'Anything else?' : readBack(label)));
    expect(judgeOrders(evasive(2), tenOrders, 1).accepted).toBe(true);
    expect(judgeOrders(evasive(3), tenOrders, 1).accepted).toBe(false);
    const wrong = tenOrders.map((label, i) => (i === 0 ? 'A small cappuccino.' : readBack(label)));
    expect(judgeOrders(wrong, tenOrders, 1)).toMatchObject({ own: { contains: 10, contradicts: 1 }, accepted: false });
  });

  it('rejects the same reply to every order, and the replies of other orders', () => {
    const same = tenOrders.map(() => 'Sure, coffee with milk and sugar coming up!');
    expect(judgeOrders(same, tenOrders, 1).accepted).toBe(false);
    const moved = tenOrders.map((_, i) => readBack(tenOrders[(i + 1) % 10] as OrderLabel));
    expect(judgeOrders(moved, tenOrders, 1).accepted).toBe(false);
  });

  it('refuses unequal numbers of replies and labels', () => {
    expect(() => judgeOrders(['a'], tenOrders, 1)).toThrow(/1 replies for 10 labels/);
  });
});

describe('scoreAgainstShuffled', () => {
  it('gives no reply its own label, whatever the seed, and the same shuffle for the same seed', () => {
    const replies = tenOrders.map(readBack);
    for (let seed = 0; seed < 50; seed++) {
      const { orders } = scoreAgainstShuffled(replies, tenOrders, seed);
      orders.forEach(({ label }, i) => {
        expect(label).not.toBe(tenOrders[i]);
      });
      expect(new Set(orders.map(({ label }) => label)).size).toBe(10);
    }
    const shuffle = (seed: number) => scoreAgainstShuffled(replies, tenOrders, seed).orders.map(({ label }) => label);
    expect(shuffle(3)).toEqual(shuffle(3));
    expect(shuffle(3)).not.toEqual(shuffle(4));
  });
});

const labelsFile = join(sharedAudioDir() ?? '', 'coffee-orders', 'labels.json');
const recorded = existsSync(labelsFile);
if (!recorded) skipNotice(3, 'no labels of recorded coffee orders');

describe.skipIf(!recorded)('the labels of the recorded orders', () => {
  const labels = recorded
    ? Object.values(JSON.parse(readFileSync(labelsFile, 'utf8')) as Record<string, OrderLabel>)
    : [];

  it('are all within the vocabulary', () => {
    expect(labels.length).toBeGreaterThan(100);
    for (const label of labels) expect(readLabel(label).size).toBe(Object.keys(label.slots).length);
  });

  it('are each contained, slot by slot, in a reply that repeats the order', () => {
    for (const label of labels) {
      const result = scoreOrderReply(readBack(label), label);
      expect(result, readBack(label)).toMatchObject({ pass: true, unordered: [] });
      expect([...result.contained].sort(), readBack(label)).toEqual(Object.keys(label.slots).sort());
    }
  });

  it('shuffled, let few of such replies pass', () => {
    const passes = scoreAgainstShuffled(labels.map(readBack), labels, 1).passes;
    expect(passes / labels.length).toBeLessThan(0.2);
  });
});
