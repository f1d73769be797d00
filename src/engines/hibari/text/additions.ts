import type { PhraseTables } from './phrase-table.js';

/** Words for the tables of the normaliser that the model's own normalize.json lacks. */
const abbreviations: Readonly<Record<string, string>> = {
  'ext.': 'extension',
  'Ext.': 'Extension',
  'p.': 'page',
  'Sec.': 'Section',
  'sec.': 'section',
  'dept.': 'department',
  'attn:': 'attention:',
  'Attn:': 'Attention:',
  'c/o': 'care of',
  asap: 'A.S.A.P',
  ASAP: 'A.S.A.P',
  'qty.': 'quantity',
  'Qty.': 'Quantity',
  'temp.': 'temperature',
  'appt.': 'appointment',
  'incl.': 'including',
  'excl.': 'excluding',
  'avg.': 'average',
  Hwy: 'Highway',
  Blvd: 'Boulevard',
  IPv4: 'I.P.V 4',
  IPv6: 'I.P.V 6',
  WWII: 'World War 2',
  WWI: 'World War 1',
  'C#': 'C sharp',
  '.NET': 'dot net',
};

const units: Readonly<Record<string, readonly [string, string]>> = {
  KiB: ['kibibyte', 'kibibytes'],
  MiB: ['mebibyte', 'mebibytes'],
  GiB: ['gibibyte', 'gibibytes'],
  TiB: ['tebibyte', 'tebibytes'],
  tsp: ['teaspoon', 'teaspoons'],
  tbsp: ['tablespoon', 'tablespoons'],
  'fl oz': ['fluid ounce', 'fluid ounces'],
  'fl. oz': ['fluid ounce', 'fluid ounces'],
  gal: ['gallon', 'gallons'],
  qt: ['quart', 'quarts'],
  pt: ['pint', 'pints'],
  L: ['liter', 'liters'],
  m: ['meter', 'meters'],
  g: ['gram', 'grams'],
  'm²': ['square meter', 'square meters'],
  'km²': ['square kilometer', 'square kilometers'],
  'ft²': ['square foot', 'square feet'],
  'm³': ['cubic meter', 'cubic meters'],
  'sq m': ['square meter', 'square meters'],
  h: ['hour', 'hours'],
  yr: ['year', 'years'],
  yrs: ['year', 'years'],
  wk: ['week', 'weeks'],
  wks: ['week', 'weeks'],
  mo: ['month', 'months'],
  mos: ['month', 'months'],
  V: ['volt', 'volts'],
  W: ['watt', 'watts'],
  mpg: ['mile per gallon', 'miles per gallon'],
  bpm: ['beat per minute', 'beats per minute'],
  rpm: ['revolution per minute', 'revolutions per minute'],
};

const symbols: Readonly<Record<string, string>> = {
  '≥': 'greater than or equal to',
  '≤': 'less than or equal to',
  '≈': 'about',
  '≠': 'is not equal to',
};

/** The model's tables with ours; the model's win. */
export function withAdditions(tables: PhraseTables): PhraseTables {
  return {
    ...tables,
    abbreviations: { ...abbreviations, ...tables.abbreviations },
    units: { ...units, ...tables.units },
    symbols: { ...symbols, ...tables.symbols },
  };
}

/** Words that the model's dictionary lacks and its network for unknown words gets wrong. */
export const ownWords: Readonly<Record<string, string>> = {
  señor: 'sAnjˈɔɹ',
  señora: 'sAnjˈɔɹə',
  jalapeño: 'hˌɑləpˈAnjO',
  jalapeños: 'hˌɑləpˈAnjOz',
  piñata: 'pinjˈɑTə',
  hmm: 'həm',
};
