import { NOT_INSIDE } from './phrase-table.js';

/**
 * North American telephone numbers, with or without a country code: "(415) 555-0123", "+1 415.555.0123", "555-0123". Group
 * by group with a comma, as people dictate them.
 */
const PHONE = new RegExp(
  `(?<![\\p{L}\\p{N}_.\\-/$£€])(?:\\+?(1)[ .-]?)?(?:(?:\\((\\d{3})\\) ?|(\\d{3})[ .-])(\\d{3})[ .-](\\d{4})|(\\d{3})-(\\d{4}))${NOT_INSIDE}`,
  'gu',
);
/** So many digits in a row are an account, a card or a telephone number, never a quantity. */
const LONG_RUN = /(?<![\p{L}\p{N}_.,\-$£€])\+?(\d{10,})(?![\p{L}\p{N}_]|[.,]\d)/gu;

export function speakPhoneNumbers(text: string): string {
  return text
    .replace(PHONE, (_, ...groups: (string | undefined)[]) =>
      groups
        .slice(0, 7)
        .flatMap((group) => (group === undefined ? [] : [Array.from(group).join(' ')]))
        .join(', '),
    )
    .replace(LONG_RUN, (_, digits: string) => {
      const groups = digits.length === 10 ? /(\d{3})(\d{3})(\d{4})/.exec(digits)?.slice(1) : digits.match(/\d{1,4}/g);
      return (groups ?? [digits]).map((group) => Array.from(group).join(' ')).join(', ');
    });
}
