import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Checked,
  checkHardItem,
  checkHomograph,
  loadFrontEnd,
  phonemeErrorRate,
  readHardItems,
  readHomographs,
  readOrdinarySentences,
} from '../../bench/scoring/readings.js';
import type { FrontEnd } from '../../src/engines/hibari/front-end.js';
import { modelDir } from '../../src/models/cache.js';
import { cacheDir, describeRealEngine } from './real-engine.js';

/** Items that do not hold, and why. One that comes to hold has to leave this list. */
const notHeld: Readonly<Record<string, string>> = {
  '10 - 4': 'in replies a range with spaces is far more common than a subtraction',
  '™': 'silent after a name, where it stands in all ordinary text',
  'Muscles *contract* in the cold.': 'the tagger takes a verb after a bare plural for a noun',
  'My hand feels *number* now.': 'the comparative of "numb" is too rare to risk the noun',
};

describeRealEngine('hibari reads', ['hibari'], () => {
  let frontEnd: FrontEnd;
  beforeAll(async () => {
    frontEnd = await loadFrontEnd(modelDir(cacheDir, 'hibari'));
  });
  afterAll(() => frontEnd?.close());

  const failing = (checked: readonly Checked[]) => checked.filter(({ holds }) => !holds);
  const unexpected = (checked: readonly Checked[]) => ({
    broken: failing(checked).filter(({ text }) => !Object.hasOwn(notHeld, text)),
    held: checked.filter(({ text, holds }) => holds && Object.hasOwn(notHeld, text)).map(({ text }) => text),
  });

  it('every hard item of the table as a person would, but for those that are listed with a reason', async () => {
    const checked: Checked[] = [];
    for (const item of await readHardItems()) checked.push(await checkHardItem(frontEnd, item));
    process.stdout.write(`hard items: ${checked.length - failing(checked).length} of ${checked.length} hold\n`);
    expect(checked.length).toBeGreaterThanOrEqual(370);
    expect(unexpected(checked)).toEqual({ broken: [], held: [] });
  });

  it('every homograph of the table as its sentence asks, but for those that are listed with a reason', async () => {
    const checked: Checked[] = [];
    for (const item of await readHomographs()) checked.push(await checkHomograph(frontEnd, item));
    process.stdout.write(`homographs: ${checked.length - failing(checked).length} of ${checked.length} hold\n`);
    expect(checked.length).toBeGreaterThanOrEqual(110);
    expect(unexpected(checked)).toEqual({ broken: [], held: [] });
  });

  it('ordinary sentences with the phonemes of the Python package, to within 0.1 %', async () => {
    const sentences = await readOrdinarySentences();
    expect(sentences.length).toBeGreaterThanOrEqual(300);
    expect(await phonemeErrorRate(frontEnd, sentences)).toBeLessThan(0.001);
  });

  describe('texts that would break a careless rule', () => {
    it.each([
      ['She said "I was born in 1999" and left.', 'nineteen ninety-nine'],
      ['I gave him 5, in case.', 'five, in case'],
      ['The VIII is here.', 'here'],
      ['a $5 off coupon', 'five dollars off'],
    ])('%s', async (text, part) => {
      const [whole, wanted] = [await frontEnd.phonemize(text), await frontEnd.phonemize(part)];
      const bare = (phonemes: string) => phonemes.replace(/[^\p{L}]|[ˈˌ]/gu, '');
      expect(bare(whole.phonemes)).toContain(bare(wanted.phonemes));
    });
  });
});
