import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { ParleyError } from '../../ports/errors.js';
import { scenarioLimits } from './limits.js';
import { nearestName } from './nearest-name.js';
import { orderProblems } from './scenario-order.js';
import { type Scenario, scenarioSchema } from './scenario-schema.js';

const mostProblems = 20;

type Path = readonly (string | number)[];
type Problem = { readonly line: number; readonly column: number; readonly message: string };

/** A scenario that was read: paths in it are resolved against its file. */
export type ReadScenario = {
  readonly file: string;
  readonly scenario: Scenario;
  /** The absolute path of a file or folder that the scenario names. */
  readonly resolve: (path: string) => string;
};

/**
 * Reads a scenario and makes sure that the recordings it names are there.
 * @throws ParleyError `scenario.invalid`: each mistake with file, line, column and what was expected
 */
export async function readScenario(file: string): Promise<ReadScenario> {
  const source = await readText(file);
  const { scenario, place } = parseScenario(source, file);
  const resolved = (path: string): string => resolve(dirname(file), path);
  const problems: Problem[] = [];
  for (const { path, named } of namedFiles(scenario)) {
    const problem = await missing(resolved(named));
    if (problem) problems.push({ ...place(path), message: problem });
  }
  if (problems.length > 0) throw invalid(file, problems);
  return { file, scenario, resolve: resolved };
}

/** Reads the text of a scenario; `file` is for messages. Files that it names are not looked at. @throws as `readScenario` */
export function parseScenario(
  source: string,
  file: string,
): { readonly scenario: Scenario; readonly place: (path: Path) => { readonly line: number; readonly column: number } } {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const place = (path: Path): { line: number; column: number } => at(offsetOf(document, path));
  if (document.errors.length > 0)
    throw invalid(
      file,
      document.errors.map((error) => ({ ...at(error.pos[0]), message: yamlProblem(error.code, error.message) })),
    );
  if (document.contents === null)
    throw invalid(file, [{ line: 1, column: 1, message: 'the scenario is empty: expected name and steps' }]);
  const value: unknown = toPlain(document, file);
  const parsed = scenarioSchema.safeParse(value);
  if (!parsed.success)
    throw invalid(
      file,
      parsed.error.issues.flatMap((issue) =>
        issueProblems(issue, value).map(({ path, message }) => ({ ...place(path), message })),
      ),
    );
  const problems = orderProblems(parsed.data);
  if (problems.length > 0)
    throw invalid(
      file,
      problems.map(({ path, message }) => ({ ...place(path), message })),
    );
  return { scenario: parsed.data, place };
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // Aliases that multiply without bound.
    throw invalid(file, [{ line: 1, column: 1, message: `${(error as Error).message}: expected fewer aliases` }]);
  }
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > scenarioLimits.maxFileBytes)
      throw new ParleyError(
        `${file} has ${size} bytes; expected a scenario of at most ${scenarioLimits.maxFileBytes}.`,
        {
          code: 'scenario.invalid',
          status: 400,
        },
      );
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (ParleyError.isInstance(cause)) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new ParleyError(
      `${file} cannot be read (${reason}); expected a scenario file, such as scenarios/smooth.yaml.`,
      {
        code: 'scenario.invalid',
        status: 400,
        cause,
      },
    );
  }
}

function* namedFiles(scenario: Scenario): Iterable<{ readonly path: Path; readonly named: string }> {
  for (const [index, step] of scenario.steps.entries()) {
    if (step.play !== undefined) yield { path: ['steps', index, 'play'], named: step.play };
    if (step.recordings !== undefined) yield { path: ['steps', index, 'recordings'], named: step.recordings };
  }
  const { noise, babble } = scenario.conditions;
  if (noise?.file !== undefined) yield { path: ['conditions', 'noise', 'file'], named: noise.file };
  if (babble?.recordings !== undefined)
    yield { path: ['conditions', 'babble', 'recordings'], named: babble.recordings };
}

async function missing(path: string): Promise<string | undefined> {
  try {
    if ((await stat(path)).isDirectory() && (await readdir(path)).length === 0)
      return `expected recordings in ${path}, which is empty`;
    return undefined;
  } catch {
    return `expected a recording or a folder of recordings at ${path}, where there is none`;
  }
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

type Located = { readonly path: Path; readonly message: string };

function issueProblems(issue: z.core.$ZodIssue, root: unknown): Located[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  const found = describe(valueAt(root, path));
  const here = (message: string): Located[] => [{ path, message: `${nameOf(path)}${message}, found ${found}` }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, path) }));
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

function unknownKey(key: string, path: Path): string {
  const known = keysAt(path);
  const near = nearestName(key, known);
  return `unknown key ${key}: expected ${near === undefined ? `one of ${known.join(', ')}` : `${near}, or another of ${known.filter((name) => name !== near).join(', ')}`}`;
}

/** The keys that the schema knows at a place. */
function keysAt(path: Path): string[] {
  let schema: unknown = scenarioSchema;
  for (const key of path) {
    schema = unwrapped(schema);
    if (schema instanceof z.ZodObject) schema = schema.shape[key as string];
    else if (schema instanceof z.ZodArray) schema = schema.element;
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

function yamlProblem(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'expected spaces for indentation, found a tab';
  if (code === 'DUPLICATE_KEY') return 'expected each key once, found it again';
  if (code === 'MULTIPLE_DOCS') return 'expected one scenario in a file, found another document';
  return `expected YAML: ${message.split('\n')[0] ?? message}`;
}

function invalid(file: string, problems: readonly Problem[]): ParleyError {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, mostProblems);
  return new ParleyError(
    sorted.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
    {
      code: 'scenario.invalid',
      status: 400,
    },
  );
}
