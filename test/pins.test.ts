import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkPin, parsePin } from '../src/conversation/explain/pin.js';

const folder = fileURLToPath(new URL('pins', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

/** `parley pin CALL --turn N --out test/pins/NAME.json` adds one. */
describe('turns of recorded calls are decided as they were', () => {
  it('there are some', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  it.each(files)('%s', (name) => {
    expect(checkPin(parsePin(readFileSync(join(folder, name), 'utf8')))).toEqual([]);
  });
});
