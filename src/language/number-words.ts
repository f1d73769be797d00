/** English names of the whole numbers from 0 to 19, by value. */
export const unitWords = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
] as const;

/** English names of 20, 30, … 90. */
export const tensWords = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'] as const;

/** English names of the digits, by value; a zero among others is also said "oh". */
export const digitWords: readonly string[] = unitWords.slice(0, 10);

export const teenWords: readonly string[] = unitWords.slice(10);
