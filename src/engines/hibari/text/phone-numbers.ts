import { NOT_INSIDE } from './phrase-table.js';

/**
 * North American telephone numbers, with or without a country code: "(415) 555-0123", "+1 415.555.0123", "555-0123". Group
 * by group with a comma, as people dictate them.
 */
const PHONE = new RegExp(
  `(?<![\\p{L}\\p{N}_.\\-/$£€])(?:(\\+?1)[ .-])?(?:(?:\\((\\d{3})\\) ?|(\\d{3})[ .-])(\\d{3})[ .-](\\d{4})|(\\d{3})-(\\d{4}))${NOT_INSIDE}`,
  'gu',
);
/** "+44 20 7946 0958": a plus sign, a country code and groups. */
const INTERNATIONAL = new RegExp(
  `(?<![\\p{L}\\p{N}_])\\+(\\d{1,3})((?:[ .-]\\(?\\d{1,4}\\)?){2,5})${NOT_INSIDE}`,
  'gu',
);
/** "1-800-FLOWERS". */
const FREE_WORD = /(?<![\p{L}\p{N}_.-])1-(8\d{2})-(?=[A-Z])/gu;
/** So many digits in a row are an account, a card or a telephone number, never a quantity. */
const LONG_RUN = /(?<![\p{L}\p{N}_.,\-$£€])\+?(\d{10,})(?![\p{L}\p{N}_]|[.,]\d)/gu;

export function speakPhoneNumbers(text: string): string {
  return text
    .replace(PHONE, (_, country: string | undefined, ...groups: (string | undefined)[]) => {
      const said = groups.slice(0, 6).flatMap((group) => (group === undefined ? [] : [dictated(group)]));
      if (country === undefined) return said.join(', ');
      return country === '1' ? `1 ${said.join(', ')}` : `plus 1, ${said.join(', ')}`;
    })
    .replace(INTERNATIONAL, (_, country: string, rest: string) =>
      [`plus ${spaced(country)}`, ...(rest.match(/\d+/g) ?? []).map(spaced)].join(', '),
    )
    .replace(FREE_WORD, (_, area: string) => `1 ${dictated(area)} `)
    .replace(LONG_RUN, (_, digits: string) => {
      const groups = digits.length === 10 ? /(\d{3})(\d{3})(\d{4})/.exec(digits)?.slice(1) : digits.match(/\d{1,4}/g);
      return (groups ?? [digits]).map(spaced).join(', ');
    });
}

/** "800" is said "eight hundred", everything else digit by digit. */
function dictated(group: string): string {
  return /^[1-9]00$/.test(group) ? `${group.charAt(0)} hundred` : spaced(group);
}

function spaced(digits: string): string {
  return Array.from(digits).join(' ');
}
