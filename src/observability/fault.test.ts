import { describe, expect, it } from 'vitest';
import { ParleyError } from '../ports/errors.js';
import { faultFields } from './fault.js';

describe('the fields of a fault', () => {
  const cause = Object.assign(new TypeError('the folder is gone'), { code: 'ENOENT', text: 'what a caller said' });
  const error = new ParleyError('The call could not be begun.', { code: 'internal_error', cause });

  it('are the message and each cause with its code, and nothing else that an error carries', () => {
    expect(faultFields(error, { stack: false })).toEqual({
      detail: 'The call could not be begun.',
      causes: [{ name: 'TypeError', code: 'ENOENT', message: 'the folder is gone' }],
    });
  });

  it('say where the innermost cause was thrown, if asked', () => {
    const { stack } = faultFields(error, { stack: true });
    expect(stack).toContain('TypeError: the folder is gone');
    expect(stack).toContain('fault.test.ts');
  });

  it('end, for causes in a circle and for what is no error', () => {
    const circle = new Error('a');
    circle.cause = new Error('b', { cause: circle });
    expect(faultFields(circle, { stack: false }).causes.length).toBeLessThan(10);
    expect(faultFields('a text', { stack: true })).toEqual({ detail: 'a text', causes: [] });
  });
});
