import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsJsonSchema, type JsonSchema, readJsonSchema } from '../../ports/json-schema.js';
import { jsonGrammar } from './json-grammar.js';

/** The GBNF that the grammars use, turned into one regular expression: they are not recursive. */
function accepts(grammar: string): RegExp {
  const rules = new Map(
    grammar
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(' ::= ')), line.slice(line.indexOf(' ::= ') + 5)] as const),
  );
  const token = /"((?:[^"\\]|\\.)*)"|(\[(?:[^\]\\]|\\.)*\])|([a-z][a-z0-9]*)|([|()?*]|\{\d+,\d*\})/g;
  const expand = (rule: string): string =>
    [...rule.matchAll(token)]
      .map(([, literal, characters, name, operator]) => {
        if (literal !== undefined) return `(?:${escaped(unescaped(literal))})`;
        if (characters !== undefined) return characters;
        if (name !== undefined) return `(?:${expand(rules.get(name) ?? '')})`;
        return operator === '(' ? '(?:' : operator;
      })
      .join('');
  return new RegExp(`^(?:${expand(rules.get('root') ?? '')})$`, 'u');
}

const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1');
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

const order = readJsonSchema({
  type: 'object',
  properties: {
    first: { type: 'boolean' },
    drink: { enum: ['latte', 'a "quoted" \\ tea', 'naïve'] },
    count: { type: 'integer' },
    extras: { type: 'array', items: { type: 'string', maxLength: 4 }, maxItems: 2 },
    last: { anyOf: [{ type: 'null' }, { type: 'number' }] },
  },
  required: ['drink', 'extras'],
});

describe('the grammar of a schema', () => {
  const grammar = accepts(jsonGrammar(order));

  it.each([
    '{"drink":"latte","extras":[]}',
    '{"drink": "latte", "extras": ["milk", "a\\"b"]}',
    '{"first":true,"drink":"naïve","count":-12,"extras":["é"],"last":1.5e3}',
    String.raw`{"drink":"a \"quoted\" \\ tea","extras":[],"last":null}`,
  ])('accepts %s', (text) => {
    expect(text).toMatch(grammar);
  });

  it.each([
    '{}',
    '{"drink":"latte"}',
    '{,"drink":"latte","extras":[]}',
    '{"drink":"latte","extras":[],}',
    '{"extras":[],"drink":"latte"}',
    '{"drink":"beer","extras":[]}',
    '{"drink":"latte","extras":["longer"]}',
    '{"drink":"latte","extras":["a","b","c"]}',
    '{"drink":"latte","count":007,"extras":[]}',
    '{"drink":"latte","extras":[]} and more',
    '{  "drink":"latte","extras":[]}',
    '{"drink":"latte","extras":["\\u00"]}',
  ])('does not accept %s', (text) => {
    expect(text).not.toMatch(grammar);
  });

  it('accepts every value that its schema describes', () => {
    const leaf = fc.oneof(
      fc.constantFrom<JsonSchema>(
        { type: 'integer' },
        { type: 'boolean' },
        { type: 'null' },
        { type: 'string', minLength: 0, maxLength: 5 },
        { type: 'literal', values: ['a', 1, null] },
      ),
    );
    const schemas = fc.letrec<{ schema: JsonSchema }>((tie) => ({
      schema: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        fc.record({
          type: fc.constant('array' as const),
          items: tie('schema'),
          minItems: fc.nat(1),
          maxItems: fc.integer({ min: 1, max: 3 }),
        }),
        fc
          .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), tie('schema'), fc.boolean()), {
            maxLength: 3,
            selector: ([name]) => name,
          })
          .map(
            (entries): JsonSchema => ({
              type: 'object',
              properties: Object.fromEntries(entries.map(([name, schema]) => [name, schema])),
              required: entries.filter(([, , needed]) => needed).map(([name]) => name),
            }),
          ),
      ),
    })).schema;
    fc.assert(
      fc.property(
        schemas.chain((schema) => fc.tuple(fc.constant(schema), aValueOf(schema))),
        ([schema, value]) => {
          expect(fitsJsonSchema(value, schema)).toBe(true);
          expect(accepts(jsonGrammar(schema)).test(JSON.stringify(value))).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** A value that a schema describes, its properties in the order of the schema. */
function aValueOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'any-object':
      return fc.dictionary(fc.string(), fc.jsonValue());
    case 'integer':
      return fc.integer();
    case 'number':
      return fc.integer();
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'literal':
      return fc.constantFrom(...schema.values);
    case 'any-of':
      return fc.oneof(...schema.schemas.map(aValueOf));
    case 'string':
      return fc.string({ unit: fc.constantFrom('a', 'é', '"', '\\', ' '), maxLength: schema.maxLength ?? 5 });
    case 'array':
      return fc.array(aValueOf(schema.items), { minLength: schema.minItems, maxLength: schema.maxItems ?? 3 });
    case 'object':
      return fc
        .record(Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, aValueOf(each)])), {
          requiredKeys: [...schema.required],
        })
        .map((value) =>
          Object.fromEntries(
            Object.keys(schema.properties)
              .filter((name) => Object.hasOwn(value, name))
              .map((name) => [name, (value as Record<string, unknown>)[name]]),
          ),
        );
  }
}
