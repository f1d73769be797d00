import type { Rewrite } from './dates-and-times.js';

const FEET_AND_INCHES = /(?<![\p{L}\p{N}_.'"])(\d{1,2})\s?['′]\s?(\d{1,2})(?:["″]|'')?(?![\p{L}\d'])/gu;
const WRITTEN = /(?<![\p{L}\p{N}_.])(\d{1,2}) ?(?:ft\.?|feet|foot) (\d{1,2}) ?in\b\.?/gu;
const FEET = /(?<![\p{L}\p{N}_.'"])(\d{1,3})['′](?=\s|$|[.,;])/gu;
const INCHES = /(?<![\p{L}\p{N}_'"])(\d{1,3}(?:\.\d+)?)["″](?!\w)(\s+\p{L})?/gu;
const INCHES_SHORT = /(?<![\p{L}\p{N}_])(\d{1,3}(?:\.\d+)?) in\.(?!\w)/gu;

/** `5'11"` → "5 foot 11", `6'` → "6 feet", `12" pizza` → "12 inch pizza". A quotation mark that closes stays one. */
export const speakFeetAndInches: Rewrite = (text) =>
  text
    .replace(
      WRITTEN,
      (_, feet: string, inches: string) => `${feet} feet ${inches} ${inches === '1' ? 'inch' : 'inches'}`,
    )
    .replace(FEET_AND_INCHES, '$1 foot $2')
    .replace(FEET, (whole, feet: string, at: number) =>
      isOpen(text, at, /(?<!\w)'/g) ? whole : `${feet} ${feet === '1' ? 'foot' : 'feet'}`,
    )
    .replace(INCHES, (whole, inches: string, next: string | undefined, at: number, all: string) =>
      isOpen(all, at, /"/g)
        ? whole
        : `${inches} ${next === undefined && inches !== '1' ? 'inches' : 'inch'}${next ?? ''}`,
    )
    .replace(INCHES_SHORT, (_, inches: string, at: number, all: string) => {
      const ends = all.slice(at).trimEnd().endsWith('in.') ? '.' : '';
      return `${inches} ${inches === '1' ? 'inch' : 'inches'}${ends}`;
    });

/** Whether a quotation before this place still waits for its end. */
function isOpen(text: string, at: number, mark: RegExp): boolean {
  return (text.slice(0, at).match(mark)?.length ?? 0) % 2 === 1;
}
