import { seededRandom } from '../analyser/statistics.js';

/** Numbers in [0, 1) whose sequence follows from a seed. */
export type Random = () => number;

/** A generator for `seed`; the same seed gives the same numbers everywhere. */
export function randomFrom(seed: number): Random {
  return seededRandom(seed);
}

/** Evenly spread over low..high. */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** One of `items`; undefined of none. */
export function pick<Item>(random: Random, items: readonly Item[]): Item | undefined {
  return items[Math.floor(random() * items.length)];
}

/** All of `items` in a random order (Fisher and Yates, as given by Durstenfeld 1964). */
export function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const held = order[i] as Item;
    order[i] = order[j] as Item;
    order[j] = held;
  }
  return order;
}

/** One value of the standard normal distribution (Box and Muller 1958). */
export function gaussian(random: Random): number {
  // 1 - [0, 1) is never 0, whose logarithm is not a number.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** White noise of unit RMS. */
export function whiteNoise(random: Random, length: number): Float32Array {
  const noise = new Float32Array(length);
  for (let i = 0; i < length; i++) noise[i] = (random() * 2 - 1) * Math.sqrt(3);
  return noise;
}
