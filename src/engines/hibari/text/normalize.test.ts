import { describe, expect, it } from 'vitest';
import { createNormalizer } from './normalize.js';

const normalize = createNormalizer({
  months: {
    jan: 'January',
    feb: 'February',
    mar: 'March',
    apr: 'April',
    may: 'May',
    jun: 'June',
    jul: 'July',
    aug: 'August',
    sep: 'September',
    oct: 'October',
    nov: 'November',
    dec: 'December',
  },
  titles: { Prof: 'Professor', St: 'Saint' },
  abbreviations: { 'approx.': 'approximately', 'St.': 'Street', 'no.': 'number', 'Sun.': 'Sunday', 'vs.': 'versus' },
  units: { km: ['kilometer', 'kilometers'], 'sq ft': ['square foot', 'square feet'], ft: ['foot', 'feet'] },
  symbols: { '=': 'equals', '&': 'and', '*': ' ', '½': 'one half', '™': '' },
  currency: { '¥': ['yen', 'yen'], '¢': ['cent', 'cents'], $: ['dollar', 'dollars'], EUR: ['euro', 'euros'] },
  romanCardinal: ['Chapter'],
  romanOrdinal: ['Henry'],
});

describe('the normaliser', () => {
  it.each([
    ['at 7:30 pm', 'at seven thirty P.M.'],
    ['at 7:30 p.m.', 'at seven thirty P.M.'],
    ['at 09:05', 'at nine oh five'],
    ['at 10:00', "at ten o'clock"],
    ['at 6pm.', 'at six P.M.'],
    ['until 12 a.m. today', 'until twelve A.M. today'],
    ['in 1:02:03', 'in one oh two and three seconds'],
    ['score 10:61', 'score 10 to 61'],
    ['I am', 'I am'],
  ])('says times: %s', (text, said) => expect(normalize(text)).toBe(said));

  it.each([
    ['2024-03-05', 'March fifth, 2024'],
    ['3/5/2024', 'March fifth, 2024'],
    ['on Jan. 2nd, 2025', 'on January second, 2025'],
    ['4 July', 'the fourth of July'],
    ['the 4th of July', 'the fourth of July'],
    ['March 45', 'March 45'],
    ['1/2 cup', 'one half cup'],
    ['It is 3/4.', 'It is 3 quarters.'],
    ['open 24/7', 'open 24 7'],
  ])('says dates and fractions: %s', (text, said) => expect(normalize(text)).toBe(said));

  it.each([
    ['$3 million', '3 million dollars'],
    ['$5k', '5 thousand dollars'],
    ['50¢', '50 cents'],
    ['¥500', '500 yen'],
    ['EUR 1', '1 euro'],
    ['-$5', 'minus $5'],
    ['5 km', '5 kilometers'],
    ['1 sq ft', '1 square foot'],
    ['20°C', '20 degrees Celsius'],
    ['$12.50', '$12.50'],
  ])('says amounts: %s', (text, said) => expect(normalize(text)).toBe(said));

  it.each([
    ['Call 555-0123.', 'Call 5 5 5, 0 1 2 3.'],
    ['(415) 555-0123', '4 1 5, 5 5 5, 0 1 2 3'],
    ['+1 415.555.0199', 'plus 1, 4 1 5, 5 5 5, 0 1 9 9'],
    ['4155550123', '4 1 5, 5 5 5, 0 1 2 3'],
    ['pay $1000000000', 'pay $1000000000'],
    ['5-10 minutes', '5 to 10 minutes'],
  ])('dictates telephone numbers and reads ranges: %s', (text, said) => expect(normalize(text)).toBe(said));

  it.each([
    ['info@parley.com', 'info at parley dot com'],
    ['john.smith42@mail.co.uk.', 'john dot smith 42 at mail dot co dot U.K.'],
    ['https://www.example.com/menu, or', 'example dot com slash menu, or'],
    ['See example.org.', 'See example dot org.'],
    ['He came late.So did I', 'He came late.So did I'],
  ])('says addresses: %s', (text, said) => expect(normalize(text)).toBe(said));

  it.each([
    ['Prof. Lee', 'Professor Lee'],
    ['5 Main St.', '5 Main Street.'],
    ['St. Paul', 'Saint Paul'],
    ['I said no.', 'I said no.'],
    ['see no. 5', 'see number 5'],
    ['in the Sun.', 'in the Sun.'],
    ['on Sun. at five', 'on Sunday at five'],
    ['Chapter IV', 'Chapter 4'],
    ['Henry VIII', 'Henry the eighth'],
    ['I will', 'I will'],
    ['#5', 'number 5'],
    ['No. 5', 'Number 5'],
  ])('spells abbreviations out only where they are ones: %s', (text, said) => expect(normalize(text)).toBe(said));

  it.each([
    ['a $5 bill', 'a 5 dollar bill'],
    ['a $5 off coupon', 'a $5 off coupon'],
    ['$10-$15', '10 to $15'],
    ['$5.00-$7.50', '$5.00 to $7.50'],
    ['$2.50/lb', '$2.50 per pound'],
    ['US$40', '40 U.S dollars'],
    ['a 16 sq ft room', 'a 16 square foot room'],
    ['2 1/2 km', '2 and a half kilometers'],
    ['1/4 km', '1 quarter kilometer'],
    [`5'11" tall, a 12" pizza`, '5 foot 11 tall, a 12 inch pizza'],
    ['He said "in 2012" and left', 'He said "in 2012" and left'],
  ])('says amounts by their place: %s', (text, said) => expect(normalize(text)).toBe(said));

  it.each([
    ['9am-5pm', 'nine A.M. to five P.M.'],
    ['Mon-Fri', 'Monday to Friday'],
    ['Sat 10-2', 'Saturday 10 to 2'],
    ['the sun & moon', 'the sun and moon'],
    ['50-60%', '50 to 60%'],
    ['May 1-3', 'May first to third'],
    ['3x4, 2:1, >50', '3 by 4, 2 to 1, greater than 50'],
  ])('says spans and relations: %s', (text, said) => expect(normalize(text)).toBe(said));

  it.each([
    ['card ending in 4242', 'card ending in four two four two'],
    ['case 12 of 20', 'case 12 of 20'],
    ['Your ticket was 45 dollars', 'Your ticket was 45 dollars'],
    ['room 101', 'room one oh one'],
    ['Boeing 747', 'Boeing seven forty-seven'],
    ['BA2490', 'B [A](/ˈA/) twenty-four ninety'],
    ['192.168.0.1', 'one nine two dot one six eight dot zero dot one'],
    ['version 2.10.3', 'version two point ten point three'],
    ['COVID-19 and WD-40', 'COVID-19 and WD-40'],
  ])('dictates codes: %s', (text, said) => expect(normalize(text)).toBe(said));

  it.each([
    ['350 5th Ave, New York, NY 10118', '350 5th Avenue, New York, New York one zero one one eight'],
    ['12 Elm St and on', '12 Elm Street and on'],
    ['We met St and Dr.', 'We met St and Dr.'],
    ['Apt 5C', 'Apartment 5C'],
    ['I said OK 12345 times', 'I said OK 12345 times'],
  ])('says postal addresses: %s', (text, said) => expect(normalize(text)).toBe(said));

  it.each([
    ['a ¼ km walk', 'a quarter kilometer walk'],
    ['5 ft 10 in tall', '5 feet 10 inches tall'],
    ['2x espresso, 2x faster', '2 espresso, 2 times faster'],
    ['4111 1111 1111 1111', 'four one one one, one one one one, one one one one, one one one one'],
    ['5€ @ noon', '€5 @ noon'],
  ])('says what receipts and forms hold: %s', (text, said) => expect(normalize(text)).toBe(said));

  it('drops marks that make no sound', () => {
    expect(normalize('**bold** & more™')).toBe('bold and more');
    expect(normalize('# Title')).toBe('Title');
    expect(normalize('- item')).toBe('item');
    expect(normalize('a\u200b\u0000b\u00a0 c')).toBe('ab c');
    expect(normalize('')).toBe('');
  });
});
