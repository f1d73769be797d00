import type { Rewrite } from './dates-and-times.js';

const FRACTION_SIGNS: Readonly<Record<string, string>> = { '½': '1/2', '¼': '1/4', '¾': '3/4', '⅓': '1/3', '⅔': '2/3' };
const MIXED: Readonly<Record<string, string>> = {
  '1/2': 'a half',
  '1/4': 'a quarter',
  '3/4': '3 quarters',
  '1/3': 'a third',
  '2/3': '2 thirds',
  '1/8': 'an eighth',
  '3/8': '3 eighths',
  '5/8': '5 eighths',
  '7/8': '7 eighths',
};
const COMPARISONS: Readonly<Record<string, string>> = {
  '<': 'less than',
  '>': 'greater than',
  '~': 'about',
  '≈': 'about',
  '≥': 'greater than or equal to',
  '≤': 'less than or equal to',
};

const COMPARED = 'faster|slower|more|less|as|larger|bigger|smaller|better|cheaper|longer|the|a';
const TIMES_AS = new RegExp(`(?<=\\d)\\s?x (?=(?:${COMPARED})\\b)`, 'gu');
/** An item of an order: "2x espresso". */
const PIECES_OF = /(?<=(?<![\p{L}\p{N}.])\d{1,2})\s?x (?=\p{L})/gu;

/** "2 1/2" → "2 and a half", "3x4" → "3 by 4", "2:1" → "2 to 1", ">50" → "greater than 50", "5 * 3" → "5 times 3". */
export const speakArithmetic: Rewrite = (text) =>
  text
    .replace(/(\d)\s?([½¼¾⅓⅔])/gu, (_, whole: string, sign: string) => `${whole} ${FRACTION_SIGNS[sign] ?? ''}`)
    .replace(/(?<![\d/.,])(\d{1,3}) (\d\/\d)(?![\d/])/gu, (phrase, whole: string, part: string) => {
      const words = MIXED[part];
      return words === undefined ? phrase : `${whole} and ${words}`;
    })
    .replace(/(?<![\d\p{L}])([½¼¾⅓⅔])(?= ?\p{L})/gu, (_, sign: string) => FRACTION_SIGNS[sign] ?? sign)
    .replace(/(?<![\d/.])(\d{1,2}\.\d)\/(\d{1,3})(?![\d/]|\.\d)/gu, '$1 out of $2')
    .replace(/(?<![\d/.])(\d{3})\/(\d{2,3})(?![\d/]|\.\d)/gu, '$1 over $2')
    .replace(TIMES_AS, ' times ')
    .replace(PIECES_OF, ' ')
    .replace(/(?<=\d)\s?[x×]\s?(?=\d+(?:\.\d+)?(?![\p{L}\d]))/gu, (sign) => (sign.trim() === '×' ? ' times ' : ' by '))
    .replace(/(?<=\d)\s?\*\s?(?=\d)/gu, ' times ')
    .replace(/(?<![\d:])(\d{1,3}):(\d{1,3})(?![\d:])/gu, '$1 to $2')
    .replace(/(?<=^|[\s(])([<>~≈≥≤])\s?(?=[$£€]?\d)/gu, (_, sign: string) => `${COMPARISONS[sign] ?? ''} `)
    .replace(/(?<![\d.,-])\d{1,3}(?: 000)+(?![\d,.-])/gu, (number) => number.replaceAll(' ', ''));
