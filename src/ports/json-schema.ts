import { ParleyError } from './errors.js';
import type { GenerateOptions } from './language-model.js';

/**
 * The part of JSON Schema that a model can be held to token by token. Objects have the properties that are listed and
 * no others; those that are not `required` may be left out. `any-object` is an object of anything:
 * `{"type": "object", "additionalProperties": true}` without properties.
 */
export type JsonSchema =
  | { readonly type: 'any-object' }
  | {
      readonly type: 'object';
      readonly properties: Readonly<Record<string, JsonSchema>>;
      readonly required: readonly string[];
    }
  | { readonly type: 'array'; readonly items: JsonSchema; readonly minItems: number; readonly maxItems?: number }
  | { readonly type: 'string'; readonly minLength: number; readonly maxLength?: number }
  | { readonly type: 'number' | 'integer' | 'boolean' | 'null' }
  | { readonly type: 'literal'; readonly values: readonly JsonLiteral[] }
  | { readonly type: 'any-of'; readonly schemas: readonly JsonSchema[] };

export type JsonLiteral = string | number | boolean | null;

/** A schema that is larger is refused: it becomes a grammar that is evaluated for every token. */
export const jsonSchemaLimits = { bytes: 16_384, depth: 12, properties: 64, literals: 256, length: 1_000 } as const;

/** Say nothing about the value. */
const annotations = ['title', 'description', 'default', 'examples', '$schema', '$id', '$comment', 'deprecated'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a JSON Schema.
 * @throws ParleyError `language_model.json_schema` (400), which names the place and what to do instead
 */
export function readJsonSchema(value: unknown): JsonSchema {
  let size: number;
  try {
    size = Buffer.byteLength(JSON.stringify(value) ?? '');
  } catch {
    throw refused('$', 'is not JSON');
  }
  if (size > jsonSchemaLimits.bytes)
    throw refused('$', `has ${size} bytes; ${jsonSchemaLimits.bytes} are allowed. Ask for less at once`);
  return readAt(value, '$', 0);
}

/**
 * The schema of a reply that is asked for in JSON, if it is.
 * @throws ParleyError `language_model.json_schema` (400)
 */
export function jsonSchemaOf(options: GenerateOptions): JsonSchema | undefined {
  if (options.json === undefined) return undefined;
  if (options.forcedBeginning || options.stop?.length || options.endAt)
    throw new ParleyError('A reply in JSON ends where its value ends: leave out forcedBeginning, stop and endAt.', {
      code: 'language_model.json_schema',
      status: 400,
    });
  return readJsonSchema(options.json);
}

function readAt(value: unknown, at: string, depth: number): JsonSchema {
  if (depth > jsonSchemaLimits.depth) throw refused(at, `is nested deeper than ${jsonSchemaLimits.depth} levels`);
  if (!isRecord(value)) throw refused(at, 'must be an object with a "type", "enum", "const" or "anyOf"');
  if ('const' in value) return literals([value.const], value, ['const', 'type'], at);
  if ('enum' in value) return literals(value.enum, value, ['enum', 'type'], at);
  if ('anyOf' in value) return anyOf(value, at, depth);
  const { type } = value;
  if (!Array.isArray(type)) return typed(value, type, at, depth);
  onlyKeys(value, [], at);
  const several = type.map((each) => typed({}, each, at, depth));
  if (several.length === 0) throw refused(at, 'has an empty list of types');
  return { type: 'any-of', schemas: several };
}

function typed(value: Fields, type: unknown, at: string, depth: number): JsonSchema {
  switch (type) {
    case 'object':
      return object(value, at, depth);
    case 'array': {
      onlyKeys(value, ['items', 'minItems', 'maxItems'], at);
      const minItems = count(value, 'minItems', at) ?? 0;
      const maxItems = count(value, 'maxItems', at);
      inOrder(minItems, maxItems, 'minItems', 'maxItems', at);
      const items = readAt(value.items, `${at}.items`, depth + 1);
      return { type, items, minItems, ...(maxItems === undefined ? {} : { maxItems }) };
    }
    case 'string': {
      onlyKeys(value, ['minLength', 'maxLength'], at);
      const minLength = count(value, 'minLength', at) ?? 0;
      const maxLength = count(value, 'maxLength', at);
      inOrder(minLength, maxLength, 'minLength', 'maxLength', at);
      return { type, minLength, ...(maxLength === undefined ? {} : { maxLength }) };
    }
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      onlyKeys(value, [], at);
      return { type };
    default:
      onlyKeys(value, [], at);
      throw refused(at, `has the type ${JSON.stringify(type) ?? 'undefined'}, which is none of JSON's`);
  }
}

function object(value: Fields, at: string, depth: number): JsonSchema {
  onlyKeys(value, ['properties', 'required', 'additionalProperties'], at);
  if (value.additionalProperties === true && value.properties === undefined) return { type: 'any-object' };
  if (value.additionalProperties !== undefined && value.additionalProperties !== false)
    throw refused(at, 'allows additional properties, which cannot be bounded. List the properties, and say false');
  const given = value.properties ?? {};
  if (!isRecord(given)) throw refused(`${at}.properties`, 'must be an object');
  const names = Object.keys(given);
  if (names.length > jsonSchemaLimits.properties)
    throw refused(`${at}.properties`, `has ${names.length} entries; ${jsonSchemaLimits.properties} are allowed`);
  const required = value.required ?? [];
  if (!Array.isArray(required) || !required.every((each) => typeof each === 'string'))
    throw refused(`${at}.required`, 'must be a list of property names');
  const unknown = required.find((each) => !names.includes(each));
  if (unknown !== undefined) throw refused(`${at}.required`, `names "${unknown}", which is not among the properties`);
  const properties = Object.fromEntries(
    names.map((name) => [name, readAt(given[name], `${at}.properties.${name}`, depth + 1)]),
  );
  return { type: 'object', properties, required: [...new Set(required)] };
}

function literals(values: unknown, value: Fields, keys: readonly string[], at: string): JsonSchema {
  onlyKeys(value, keys, at);
  if (!Array.isArray(values) || values.length === 0 || !values.every(isLiteral))
    throw refused(at, 'may list strings, finite numbers, booleans and null, and at least one of them');
  if (values.length > jsonSchemaLimits.literals)
    throw refused(at, `lists ${values.length} values; ${jsonSchemaLimits.literals} are allowed`);
  const types = value.type === undefined ? undefined : [value.type].flat();
  const other = values.find((each) => types && !types.some((type) => isOfType(each, type)));
  if (other !== undefined) throw refused(at, `lists ${JSON.stringify(other)}, which is not of its type`);
  return { type: 'literal', values };
}

function isOfType(value: JsonLiteral, type: unknown): boolean {
  if (value === null) return type === 'null';
  return typeof value === type || (type === 'integer' && Number.isInteger(value));
}

function anyOf(value: Fields, at: string, depth: number): JsonSchema {
  onlyKeys(value, ['anyOf'], at);
  const schemas = value.anyOf;
  if (!Array.isArray(schemas) || schemas.length === 0 || schemas.length > jsonSchemaLimits.properties)
    throw refused(`${at}.anyOf`, `must list 1 to ${jsonSchemaLimits.properties} schemas`);
  return { type: 'any-of', schemas: schemas.map((each, i) => readAt(each, `${at}.anyOf[${i}]`, depth + 1)) };
}

function onlyKeys(value: Fields, keys: readonly string[], at: string): void {
  const other = Object.keys(value).find((key) => key !== 'type' && !keys.includes(key) && !annotations.includes(key));
  if (other !== undefined)
    throw refused(
      at,
      `uses "${other}", which cannot be kept to while the text is written. Leave it out and check the value`,
    );
}

function count(value: Fields, key: string, at: string): number | undefined {
  const given = value[key];
  if (given === undefined) return undefined;
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= jsonSchemaLimits.length)
    return given;
  throw refused(`${at}.${key}`, `must be a whole number from 0 to ${jsonSchemaLimits.length}`);
}

function inOrder(min: number, max: number | undefined, minKey: string, maxKey: string, at: string): void {
  if (max !== undefined && max < min) throw refused(at, `has a ${maxKey} below its ${minKey}`);
}

/** Whether a value is one that the schema describes. */
export function fitsJsonSchema(value: unknown, schema: JsonSchema): boolean {
  switch (schema.type) {
    case 'any-object':
      return isRecord(value);
    case 'object': {
      if (!isRecord(value)) return false;
      const { properties, required } = schema;
      return (
        required.every((name) => Object.hasOwn(value, name)) &&
        Object.entries(value).every(([name, each]) => {
          const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
          return own !== undefined && fitsJsonSchema(each, own);
        })
      );
    }
    case 'array':
      return (
        Array.isArray(value) &&
        value.length >= schema.minItems &&
        value.length <= (schema.maxItems ?? Number.POSITIVE_INFINITY) &&
        value.every((each) => fitsJsonSchema(each, schema.items))
      );
    case 'string': {
      if (typeof value !== 'string') return false;
      const length = [...value].length;
      return length >= schema.minLength && length <= (schema.maxLength ?? Number.POSITIVE_INFINITY);
    }
    case 'number':
      return typeof value === 'number';
    case 'integer':
      return Number.isInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    case 'literal':
      return schema.values.some((each) => each === value);
    case 'any-of':
      return schema.schemas.some((each) => fitsJsonSchema(value, each));
  }
}

/**
 * The value that a finished reply spells.
 * @throws ParleyError `language_model.json_invalid` (retryable) when it is none, or not one of the schema
 */
export function readJsonReply(text: string, schema: JsonSchema): unknown {
  const problem = (detail: string, cause?: unknown): ParleyError =>
    new ParleyError(`The reply ${detail}: ${JSON.stringify(text.slice(0, 200))}`, {
      code: 'language_model.json_invalid',
      retryable: true,
      status: 502,
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw problem('is not JSON', error);
  }
  if (!fitsJsonSchema(value, schema)) throw problem('is not what its schema describes');
  return value;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLiteral(value: unknown): value is JsonLiteral {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

function refused(at: string, detail: string): ParleyError {
  return new ParleyError(`The JSON schema for the reply cannot be used: ${at} ${detail}.`, {
    code: 'language_model.json_schema',
    status: 400,
  });
}
