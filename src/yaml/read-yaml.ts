import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { ParleyError } from '../audio/error.js';
import { nearestName } from './nearest-name.js';

const mostProblems = 20;

export type Path = readonly (string | number)[];
export type Place = { readonly line: number; readonly column: number };
/** Something that is wrong with a value of the file: what was expected. */
export type Located = { readonly path: Path; readonly message: string };

export type YamlKind<Schema extends z.ZodType> = {
  readonly schema: Schema;
  /** What the file holds, for messages: `scenario`. */
  readonly what: string;
  /** What an empty file lacks: `name and steps`. */
  readonly expected: string;
  /** Of the error. */
  readonly code: string;
};

export type ReadYaml<Value> = {
  readonly value: Value;
  readonly place: (path: Path) => Place;
  /** The error for further mistakes, each with its place. */
  readonly invalid: (problems: readonly Located[]) => ParleyError;
};

/**
 * Reads YAML that a person has written; `file` is for messages.
 * @throws ParleyError with the kind's code (400): each mistake with file, line, column and what was expected
 */
export function readYaml<Schema extends z.ZodType>(
  source: string,
  file: string,
  kind: YamlKind<Schema>,
): ReadYaml<z.output<Schema>> {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const place = (path: Path): Place => at(offsetOf(document, path));
  const invalidAt = (problems: readonly (Place & { readonly message: string })[]): ParleyError => {
    const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, mostProblems);
    const message = sorted.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n');
    return new ParleyError(message, { code: kind.code, status: 400 });
  };
  const invalid = (problems: readonly Located[]): ParleyError =>
    invalidAt(problems.map(({ path, message }) => ({ ...place(path), message })));
  if (document.errors.length > 0)
    throw invalidAt(
      document.errors.map((error) => ({
        ...at(error.pos[0]),
        message: yamlProblem(error.code, error.message, kind.what),
      })),
    );
  if (document.contents === null)
    throw invalidAt([{ line: 1, column: 1, message: `the ${kind.what} is empty: expected ${kind.expected}` }]);
  let plain: unknown;
  try {
    plain = document.toJS();
  } catch (error) {
    // Aliases that multiply without bound.
    throw invalidAt([{ line: 1, column: 1, message: `${(error as Error).message}: expected fewer aliases` }]);
  }
  const parsed = kind.schema.safeParse(plain);
  if (!parsed.success) throw invalid(parsed.error.issues.flatMap((issue) => issueProblems(issue, plain, kind.schema)));
  return { value: parsed.data, place, invalid };
}

/** Where a value begins in the text; of what is absent, where the nearest thing around it begins. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const parent = length === 0 ? undefined : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key);
      if (pair && isNode(pair.key) && pair.key.range) return pair.key.range[0];
    }
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function issueProblems(issue: z.core.$ZodIssue, root: unknown, schema: z.ZodType): Located[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  const found = describe(valueAt(root, path));
  const here = (message: string): Located[] => [{ path, message: `${nameOf(path)}${message}, found ${found}` }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, path, schema) }));
    case 'invalid_type':
      if (valueAt(root, path) === undefined)
        return [
          { path, message: `${nameOf(path)}expected ${typeNames[issue.expected] ?? issue.expected}, which is missing` },
        ];
      return here(`expected ${typeNames[issue.expected] ?? issue.expected}`);
    case 'invalid_value':
      return here(`expected ${oneOf(issue.values.map(String), valueAt(root, path))}`);
    case 'too_small':
      return issue.message.startsWith('Too small')
        ? here(`expected at least ${issue.minimum}${unitOf(issue.origin)}`)
        : here(`expected ${issue.message}`);
    case 'too_big':
      return here(`expected at most ${issue.maximum}${unitOf(issue.origin)}`);
    default:
      return here(`expected ${issue.message}`);
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'keys with values',
  boolean: 'true or false',
};

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function oneOf(values: readonly string[], found: unknown): string {
  const near = typeof found === 'string' ? nearestName(found, values) : undefined;
  const list = values.length === 1 ? (values[0] ?? '') : `one of ${values.join(', ')}`;
  return near === undefined ? list : `${list} (did you mean ${near}?)`;
}

function unknownKey(key: string, path: Path, root: z.ZodType): string {
  const known = keysAt(path, root);
  const near = nearestName(key, known);
  return `unknown key ${key}: expected ${near === undefined ? `one of ${known.join(', ')}` : `${near}, or another of ${known.filter((name) => name !== near).join(', ')}`}`;
}

/** The keys that the schema knows at a place. */
function keysAt(path: Path, root: z.ZodType): string[] {
  let schema: unknown = root;
  for (const key of path) {
    schema = unwrapped(schema);
    if (schema instanceof z.ZodObject) schema = schema.shape[key as string];
    else if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodRecord) schema = schema.valueType;
  }
  schema = unwrapped(schema);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? unwrapped(schema.unwrap())
    : schema;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path)
    value = typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[key] : undefined;
  return value;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'keys with values';
  return typeof value === 'string' ? `"${value.slice(0, 60)}"` : String(value);
}

function nameOf(path: Path): string {
  const name = path.filter((key) => typeof key === 'string').at(-1);
  return name === undefined ? '' : `${name}: `;
}

function yamlProblem(code: string, message: string, what: string): string {
  if (code === 'TAB_AS_INDENT') return 'expected spaces for indentation, found a tab';
  if (code === 'DUPLICATE_KEY') return 'expected each key once, found it again';
  if (code === 'MULTIPLE_DOCS') return `expected one ${what} in a file, found another document`;
  return `expected YAML: ${message.split('\n')[0] ?? message}`;
}
