import { expect, it } from 'vitest';
import { type Decode, transcribe } from './transcribe.js';
import type { HeardWord } from './wire.js';

/** Ten bursts of 300 ms, one a second. */
const dictated = Float32Array.from({ length: 160_000 }, (_, i) =>
  i % 16_000 < 4_800 ? 0.3 * Math.sin(i / 5) : 0.0005 * Math.sin(i),
);

const heardAs = (text: string, everyMs = 1_000): HeardWord[] =>
  text.split(' ').map((word, index) => ({
    text: word,
    startMs: index * everyMs,
    endMs: index * everyMs + 300,
    confidence: 0.9,
    tokens: [index],
  }));

function decoder(free: string, withDigits: string): { readonly asked: boolean[]; readonly decode: Decode } {
  const asked: boolean[] = [];
  return {
    asked,
    decode: async ({ digits }) => {
      asked.push(digits);
      return { words: digits ? heardAs(withDigits, 600) : heardAs(free), beginnings: [] };
    },
  };
}

const textOf = (words: readonly HeardWord[]): string => words.map(({ text }) => text).join(' ');

it('a number that is dictated is decoded again as digits, with times of the audio as it was', async () => {
  const { asked, decode } = decoder('pick one two five', 'six, one, two, five,');
  const { words } = await transcribe(dictated, [], decode);
  expect(asked).toEqual([false, true]);
  expect(textOf(words)).toBe('six, one, two, five,');
  // The shortened audio has a digit every 600 ms, this one every second; the first begins at once.
  expect(words[3]?.startMs).toBe(3_000);
});

it('the next decoding of the same number takes it for digits at once', async () => {
  const { asked, decode } = decoder('pick one two five', 'six, one, two, five,');
  await transcribe(dictated, heardAs('six, one, two,'), decode);
  expect(asked).toEqual([true]);
});

it('what turns out to be no number is decoded without the prior', async () => {
  const { asked, decode } = decoder('hold on please', 'eight on please');
  const { words } = await transcribe(dictated, heardAs('five, two,'), decode);
  expect(asked).toEqual([true, false]);
  expect(textOf(words)).toBe('hold on please');
});

it('other speech is decoded once, silence not at all', async () => {
  const { asked, decode } = decoder('can I have a coffee', '');
  await transcribe(dictated, [], decode);
  expect(asked).toEqual([false]);
  expect(await transcribe(new Float32Array(16_000), [], decode)).toEqual({ words: [], beginnings: [] });
  expect(asked).toHaveLength(1);
});

it('what is longer than the model takes is refused', async () => {
  const { decode } = decoder('', '');
  const long = Float32Array.from({ length: 31 * 16_000 }, (_, i) => Math.sin(i));
  await expect(transcribe(long, [], decode)).rejects.toMatchObject({ code: 'stt.too_long' });
});
