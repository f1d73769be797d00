import { ParleyError } from '../../src/audio/error.js';

/** The slots of a coffee order, as the labels of the recordings name them. */
export const slotNames = ['coffeeDrink', 'size', 'roast', 'numberOfShots', 'milkAmount', 'sugarAmount'] as const;

export type SlotName = (typeof slotNames)[number];

/** What was ordered: `slots` holds the words of the label, e.g. `{ sugarAmount: 'a bit of brown sugar' }`. */
export type OrderLabel = { readonly intent: string; readonly slots: Readonly<Record<string, string>> };

/** How much milk or sugar, as far as two amounts can contradict each other. */
export type Amount = 'little' | 'much' | null;

/** The value of a slot: for milk and sugar the kind, with the amount apart. */
export type SlotValue = { readonly value: string; readonly amount: Amount };

/** Every value that labels use, and the values beside them that an agent may wrongly state. */
export const slotValues: Readonly<Record<SlotName, readonly string[]>> = {
  coffeeDrink: [
    'coffee',
    'iced coffee',
    'drip coffee',
    'house coffee',
    'mocha',
    'iced mocha',
    'americano',
    'cappuccino',
    'espresso',
    'latte',
    // Not on the menu of the recordings.
    'iced latte',
    'iced americano',
    'macchiato',
    'flat white',
    'cortado',
    'frappuccino',
    'cold brew',
    'hot chocolate',
    'tea',
  ],
  size: ['small', 'medium', 'large', 'eight ounce', 'twelve ounce', 'sixteen ounce', 'twenty ounce'],
  roast: ['light roast', 'medium roast', 'dark roast'],
  numberOfShots: ['single shot', 'double shot', 'triple shot', 'quadruple shot'],
  milkAmount: ['milk', 'whole milk', 'skim milk', 'soy milk', 'almond milk', 'cream', 'oat milk', 'coconut milk'],
  sugarAmount: ['sugar', 'brown sugar', 'sweetener', 'white sugar', 'honey'],
};

/**
 * Words that name the kind without saying which: to say "coffee" of an iced coffee, or "milk" of soy milk, states no
 * other value. They count as the value itself only where the label is just that word.
 */
export const genericValues: readonly string[] = ['coffee', 'milk', 'sugar'];

/** Generic names that also cover certain values whose words do not contain them. */
export const narrowerValues: Readonly<Record<string, readonly string[]>> = {
  mocha: ['iced mocha'],
  latte: ['iced latte'],
  americano: ['iced americano'],
};

const amounts: readonly (readonly [RegExp, Amount])[] = [
  [/^(?:a (?:little )?bit of|a little|just a little|a touch of|a splash of|a dash of) /, 'little'],
  [/^(?:lots of|a lot of|plenty of|extra|heavy) /, 'much'],
  [/^(?:some|a|the|with) /, null],
];

/** Parts the words of a milk or sugar phrase into amount and kind; other slots have no amount. */
export function readSlotValue(text: string): SlotValue {
  const words = text.trim().toLowerCase().replace(/\s+/g, ' ');
  for (const [pattern, amount] of amounts) {
    if (pattern.test(words)) return { value: words.replace(pattern, ''), amount };
  }
  return { value: words, amount: null };
}

/**
 * The labelled slots, read.
 *
 * @throws ParleyError `order.unknown_value` for a slot or a value outside the vocabulary: it could never be matched.
 */
export function readLabel(label: OrderLabel): ReadonlyMap<SlotName, SlotValue> {
  const read = new Map<SlotName, SlotValue>();
  for (const [name, text] of Object.entries(label.slots)) {
    const slot = slotNames.find((known) => known === name);
    const value = readSlotValue(text);
    if (slot === undefined || !slotValues[slot].includes(value.value)) {
      throw new ParleyError(
        `The label has "${text}" as ${name}; expected one of ${slot === undefined ? slotNames.join(', ') : slotValues[slot].join(', ')}. Add it to the vocabulary.`,
        { code: 'order.unknown_value', status: 400 },
      );
    }
    read.set(slot, value);
  }
  return read;
}
