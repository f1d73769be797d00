import { describe, expect, it } from 'vitest';
import { normalizeEnglish } from './normalize-english.js';

describe('normalizeEnglish: numbers', () => {
  it.each([
    ['two', '2'],
    ['one', 'one'],
    ['twenty five', '25'],
    ['twenty-five', '25'],
    ['thirty one', '31'],
    ['one hundred and two', '102'],
    ['a hundred and two', 'a 102'],
    ['three thousand twenty nine', '3029'],
    ['forty three thousand two hundred and sixty', '43260'],
    ['two million three hundred thousand and five', '2300005'],
    ['three billion', '3000000000'],
    ['five twenty four', '524'],
    ['nineteen ninety nine', '1999'],
    ['twenty nineteen', '2019'],
    ['nineteen fifties', '1950s'],
    ['one oh one', '101'],
    ['two double o eight', '2008'],
    ['double oh seven', '007'],
    ['nine double one', '911'],
    ['one triple oh one', '10001'],
    ['nine one one', '911'],
    ['thirty first', '31st'],
    ['august twenty sixth twenty twenty one', 'august 26th 2021'],
    ['the ninth of may', 'the 9th of may'],
    ['the eighth and the twelfth', 'the 8th and the 12th'],
    ['two thousandth', '2000th'],
    ['two point five million', '2500000'],
    ['3 point 14', '3.14'],
    ['3 14', '3 14'],
    ['$20.1 million', '$20100000'],
    ['three and a half million', '3500000'],
    ['half a million', '500000'],
    ['200 thousand dollars', '$200000'],
    ['two dollars and seventy cents', '$2.70'],
    ['three euros and sixty five cents', '€3.65'],
    ['3 cents', '¢3'],
    ['$0.36', '¢36'],
    ['five pounds', '£5'],
    ['ninety percent', '90%'],
    ['seventy six per cent', '76%'],
    ['minus 500', '-500'],
    ['positive twenty thousand', '+20000'],
    ['1,234', '1234'],
    ['4111 1111 1111 1111', '4111 1111 1111 1111'],
    ['41111111111111111111', '41111111111111111111'],
    ['10 th', '10th'],
    ['RC232', 'rc 232'],
    ['10km', '10 km'],
  ])('writes "%s" as "%s"', (spoken, written) => {
    expect(normalizeEnglish(spoken)).toBe(written);
  });

  it.each([
    ['a double latte', 'a double latte'],
    ['salt and pepper', 'salt and pepper'],
    ['what is the point', 'what is the point'],
    ['five and six', '5 and 6'],
    ['minus the sugar', 'minus the sugar'],
    ['the pound and the dollar', 'the pound and the dollar'],
    ['per person', 'per person'],
    ['an hour and a half', 'an hour and a half'],
  ])('leaves the number words of "%s" that are none', (text, same) => {
    expect(normalizeEnglish(text)).toBe(same);
  });
});

describe('normalizeEnglish: words', () => {
  it.each([
    ["Let's", 'let us'],
    ["he's like", 'he is like'],
    ["she's been like", 'she has been like'],
    ["they'd gone and we'd stay", 'they had gone and we would stay'],
    ["won't can't don't ain't", 'will not can not do not aint'],
    ['don’t', 'do not'],
    ["I'm gonna, you've gotta", 'i am going to you have got to'],
    ['I shoulda', 'i should have'],
    ['Mr. Park visited Assoc. Prof. Kim Jr.', 'mister park visited associate professor kim junior'],
    ['Um, yes [laughter] I (cough) do', 'yes i do'],
    ['mobilisation colours travelled grey', 'mobilization colors traveled gray'],
    ['the neighbour recognised the centre', 'the neighbor recognized the center'],
    ['our four hours are advised', 'our 4 hours are advised'],
    ['naïve café, Æsop', 'naive cafe aesop'],
    ['A.B.C. — well; "done"!', 'a b c well done'],
    ['50 % off, $ 20', '50% off $20'],
    ['', ''],
  ])('writes "%s" as "%s"', (text, written) => {
    expect(normalizeEnglish(text)).toBe(written);
  });

  it('changes nothing when applied to its own output of words', () => {
    const once = normalizeEnglish("I'd like twenty-five lattes, please — they're for the neighbours.");
    expect(normalizeEnglish(once)).toBe(once);
  });
});
