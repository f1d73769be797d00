import { describe, expect, it } from 'vitest';
import { readJsonSchema } from '../../ports/json-schema.js';
import { argumentsSchema, checkTool } from './tool-schema.js';

const tool = (parameters: unknown, name = 'look_up') => ({ name, description: '', parameters });

describe('the arguments of a tool', () => {
  it('may be described as the common generators do: what a grammar cannot follow is left out', () => {
    const schema = argumentsSchema(
      tool({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: {
          email: { type: 'string', format: 'email', description: 'Where to' },
          count: { type: 'integer', minimum: 1, maximum: 9 },
          when: { oneOf: [{ type: 'string', pattern: '^now$' }, { type: 'null' }] },
          tags: { type: 'array', items: { type: 'string', format: 'uri' }, uniqueItems: true },
        },
        required: ['email'],
        additionalProperties: false,
      }),
    );
    expect(readJsonSchema(schema)).toMatchObject({
      type: 'object',
      required: ['email'],
      properties: { email: { type: 'string' }, count: { type: 'integer' }, when: { type: 'any-of' } },
    });
  });

  it('may be none', () => {
    for (const none of [undefined, null, {}, { type: 'object' }, { type: 'object', properties: {} }])
      expect(readJsonSchema(argumentsSchema(tool(none)))).toEqual({ type: 'object', properties: {}, required: [] });
  });

  it.each([
    ['a list', { type: 'array', items: { type: 'string' } }, /must be an object/],
    ['a reference', { type: 'object', properties: { a: { $ref: '#/x' } } }, /"a"|\.a/],
    ['no schema', { type: 'object', properties: { a: 'text' } }, /properties\.a/],
  ])('that are %s are refused, with the reason', (_what, parameters, reason) => {
    expect(() => checkTool(tool(parameters))).toThrow(reason);
  });

  it('may be no more together than a grammar bears', () => {
    const listed = (name: string) =>
      tool(
        {
          type: 'object',
          properties: { a: { enum: Array.from({ length: 200 }, (_, i) => `value number ${i} of the tool ${name}`) } },
        },
        name,
      );
    const tools = ['one', 'two', 'three'].map(listed);
    expect(() => checkTool(listed('four'), tools)).toThrow(/Together with the tools before it/);
    expect(() => checkTool(listed('four'))).not.toThrow();
  });

  it('belong to a tool whose name a model can write', () => {
    expect(() => checkTool(tool({}, 'look up'))).toThrow(/letters, digits/);
  });
});
