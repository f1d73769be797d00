import type { Rewrite } from './dates-and-times.js';
import { digitByDigit } from './number-words.js';

const STREETS: Readonly<Record<string, string>> = {
  Ave: 'Avenue',
  Rd: 'Road',
  Ln: 'Lane',
  Pkwy: 'Parkway',
  St: 'Street',
  Dr: 'Drive',
};
/** Without a full stop: after the street's name, where the address goes on or ends. */
const STREET =
  /(?<=\d\S* (?:[A-Z]\p{L}+ ){0,2}(?:[A-Z]\p{L}+|\d+(?:st|nd|rd|th)) )(Ave|Rd|Ln|Pkwy|St|Dr)(?=$|[,;?!]|\.$| (?:[NS]?[EW]|[NS]|and|in|on|at|near|by|to|is)\b)/gu;
const UNIT = /(?<![\p{L}\p{N}_])(Apt|Ste)(?= \d)/gu;

const STATES: Readonly<Record<string, string>> = {
  AL: 'Alabama',
  AK: 'Alaska',
  AZ: 'Arizona',
  AR: 'Arkansas',
  CA: 'California',
  CO: 'Colorado',
  CT: 'Connecticut',
  DE: 'Delaware',
  DC: 'D.C',
  FL: 'Florida',
  GA: 'Georgia',
  HI: 'Hawaii',
  ID: 'Idaho',
  IL: 'Illinois',
  IN: 'Indiana',
  IA: 'Iowa',
  KS: 'Kansas',
  KY: 'Kentucky',
  LA: 'Louisiana',
  ME: 'Maine',
  MD: 'Maryland',
  MA: 'Massachusetts',
  MI: 'Michigan',
  MN: 'Minnesota',
  MS: 'Mississippi',
  MO: 'Missouri',
  MT: 'Montana',
  NE: 'Nebraska',
  NV: 'Nevada',
  NH: 'New Hampshire',
  NJ: 'New Jersey',
  NM: 'New Mexico',
  NY: 'New York',
  NC: 'North Carolina',
  ND: 'North Dakota',
  OH: 'Ohio',
  OK: 'Oklahoma',
  OR: 'Oregon',
  PA: 'Pennsylvania',
  RI: 'Rhode Island',
  SC: 'South Carolina',
  SD: 'South Dakota',
  TN: 'Tennessee',
  TX: 'Texas',
  UT: 'Utah',
  VT: 'Vermont',
  VA: 'Virginia',
  WA: 'Washington',
  WV: 'West Virginia',
  WI: 'Wisconsin',
  WY: 'Wyoming',
};
const STATE_AND_ZIP = /(?<=\p{Lu}\p{L}+,? )([A-Z]{2}),? (\d{5})(?:-(\d{4}))?(?![\p{L}\p{N}_-])/gu;

/** "350 5th Ave, New York, NY 10118" → "350 5th Avenue, New York, New York one zero one one eight". */
export const speakPostalAddresses: Rewrite = (text) =>
  text
    .replace(STREET, (short: string) => STREETS[short] ?? short)
    .replace(UNIT, (short: string) => (short === 'Apt' ? 'Apartment' : 'Suite'))
    .replace(STATE_AND_ZIP, (whole, state: string, zip: string, more: string | undefined) => {
      const name = STATES[state];
      if (name === undefined) return whole;
      return `${name} ${digitByDigit(zip)}${more === undefined ? '' : `, ${digitByDigit(more)}`}`;
    });
