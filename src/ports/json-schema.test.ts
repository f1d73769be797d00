import { describe, expect, it } from 'vitest';
import { fitsJsonSchema, jsonSchemaLimits, readJsonReply, readJsonSchema } from './json-schema.js';

const order = {
  title: 'Order',
  type: 'object',
  properties: {
    drink: { enum: ['latte', 'tea'], type: 'string' },
    count: { type: 'integer' },
    name: { type: ['string', 'null'] },
    extras: { type: 'array', items: { type: 'string', maxLength: 8 }, minItems: 1, maxItems: 2 },
    price: { anyOf: [{ type: 'number' }, { const: 'free' }] },
  },
  required: ['drink'],
  additionalProperties: false,
};

describe('a schema for replies', () => {
  const schema = readJsonSchema(order);

  it.each([
    { drink: 'tea' },
    { drink: 'latte', count: 2, name: null, extras: ['milk'], price: 'free' },
    { drink: 'latte', name: 'Al', extras: ['milk', 'honey'], price: 1.5 },
  ])('describes %j', (value) => {
    expect(fitsJsonSchema(value, schema)).toBe(true);
  });

  it('does not describe anything else', () => {
    const others: unknown[] = [
      null,
      [],
      {},
      { drink: 'beer' },
      { drink: 'tea', count: 1.5 },
      { drink: 'tea', name: 3 },
      { drink: 'tea', extras: [] },
      { drink: 'tea', extras: ['a', 'b', 'c'] },
      { drink: 'tea', extras: ['far too long'] },
      { drink: 'tea', price: 'cheap' },
      { drink: 'tea', other: 1 },
      { drink: 'tea', toString: 1 },
    ];
    for (const value of others) expect(fitsJsonSchema(value, schema), JSON.stringify(value)).toBe(false);
  });

  it.each([
    ['a pattern', { type: 'string', pattern: 'a' }, 'pattern'],
    ['a bound', { type: 'integer', minimum: 1 }, 'minimum'],
    ['a reference', { $ref: '#/$defs/a' }, '$ref'],
    ['exactly one of', { oneOf: [{ type: 'null' }] }, 'oneOf'],
    ['further properties', { type: 'object', properties: {}, additionalProperties: true }, 'additional'],
    ['a property that is not there', { type: 'object', properties: {}, required: ['a'] }, '"a"'],
    ['no type', {}, 'type'],
    ['an unknown type', { type: 'date' }, 'date'],
    ['an empty list of values', { enum: [] }, 'at least one'],
    ['values that are no literals', { enum: [{}] }, 'strings'],
    ['values of another type', { type: 'string', enum: [1] }, 'not of its type'],
    ['bounds the wrong way round', { type: 'string', minLength: 3, maxLength: 2 }, 'maxLength'],
    ['a length beyond reason', { type: 'string', maxLength: 1e9 }, 'whole number'],
    ['something that is no schema', 'string', 'object'],
    ['a list without items', { type: 'array' }, '$.items'],
    ['too many bytes', { description: 'x'.repeat(jsonSchemaLimits.bytes), type: 'null' }, 'bytes'],
  ])('with %s is refused, with the place and the reason', (_, given, hint) => {
    expect(() => readJsonSchema(given)).toThrowError(
      expect.objectContaining({
        code: 'language_model.json_schema',
        status: 400,
        message: expect.stringContaining(hint),
      }),
    );
  });

  it('that is nested too deep, or refers to itself, is refused', () => {
    let deep: unknown = { type: 'null' };
    for (let i = 0; i < 20; i++) deep = { type: 'array', items: deep };
    expect(() => readJsonSchema(deep)).toThrow('nested');
    const circular: Record<string, unknown> = { type: 'array' };
    circular.items = circular;
    expect(() => readJsonSchema(circular)).toThrow('not JSON');
  });

  it('names the place of what it refuses', () => {
    const bad = { type: 'object', properties: { a: { type: 'array', items: { type: 'string', format: 'date' } } } };
    expect(() => readJsonSchema(bad)).toThrow('$.properties.a.items');
  });

  it('reads a reply, and says when it is none of its values', () => {
    expect(readJsonReply('{"drink":"tea"}', schema)).toEqual({ drink: 'tea' });
    for (const text of ['{"drink":', '{"drink":"beer"}'])
      expect(() => readJsonReply(text, schema)).toThrowError(
        expect.objectContaining({ code: 'language_model.json_invalid', retryable: true }),
      );
  });
});
