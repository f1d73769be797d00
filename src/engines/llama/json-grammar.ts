import type { JsonSchema } from '../../ports/json-schema.js';

/**
 * A schema as a GBNF grammar (llama.cpp, `grammars/README.md`) of compact JSON: at most one space after a colon or a
 * comma and none elsewhere, so that no token is spent on layout and the end of the value is the end of the reply.
 * Strings are written without `\u` escapes, which could spell half a character.
 */
export function jsonGrammar(schema: JsonSchema): string {
  const rules = new Rules();
  const root = rules.of(schema);
  return `root ::= ${root}\n${rules.text()}`;
}

/** Digits of a number: more than these mean nothing to a double, and a model may never stop writing them. */
const primitives: Readonly<Record<string, string>> = {
  sp: '" "?',
  char: String.raw`[^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt]`,
  integer: '"-"? ("0" | [1-9] [0-9]{0,14})',
  number: 'integer ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?',
  boolean: '"true" | "false"',
  null: '"null"',
};

/** An object of anything. */
const anything: Readonly<Record<string, string>> = {
  text: String.raw`"\"" char* "\""`,
  value: 'anyobject | anyarray | text | number | boolean | null',
  anyobject: '"{" (text ":" sp value ("," sp text ":" sp value)*)? "}"',
  anyarray: '"[" (value ("," sp value)*)? "]"',
};

class Rules {
  readonly #rules = new Map(Object.entries(primitives));

  text(): string {
    return [...this.#rules].map(([name, rule]) => `${name} ::= ${rule}\n`).join('');
  }

  /** The name of the rule for a schema. */
  of(schema: JsonSchema): string {
    switch (schema.type) {
      case 'number':
      case 'integer':
      case 'boolean':
      case 'null':
        return schema.type;
      case 'literal':
        return this.#add(schema.values.map((value) => verbatim(JSON.stringify(value))).join(' | '));
      case 'any-of':
        return this.#add(schema.schemas.map((each) => this.of(each)).join(' | '));
      case 'string':
        return this.#add(`"\\"" char${repeated(schema.minLength, schema.maxLength)} "\\""`);
      case 'array':
        return this.#array(schema);
      case 'object':
        return this.#object(schema);
      case 'any-object':
        for (const [name, rule] of Object.entries(anything)) this.#rules.set(name, rule);
        return 'anyobject';
    }
  }

  #array({ items, minItems, maxItems }: Extract<JsonSchema, { type: 'array' }>): string {
    if (maxItems === 0) return this.#add('"[]"');
    const item = this.of(items);
    const more = this.#add(`"," sp ${item}`);
    const rest = repeated(Math.max(0, minItems - 1), maxItems === undefined ? undefined : maxItems - 1);
    const some = `${item} ${more}${rest}`;
    return this.#add(minItems === 0 ? `"[" (${some})? "]"` : `"[" ${some} "]"`);
  }

  /** Properties come in the order in which they are listed; one that is not required may be left out. */
  #object({ properties, required }: Extract<JsonSchema, { type: 'object' }>): string {
    let afterOne = '""';
    let afterNone = '""';
    for (const [name, value] of Object.entries(properties).reverse()) {
      const pair = this.#add(`${verbatim(`${JSON.stringify(name)}:`)} sp ${this.of(value)}`);
      const optional = !required.includes(name);
      const first = `${pair} ${afterOne}`;
      const next = `"," sp ${first}`;
      [afterNone, afterOne] = [
        this.#add(optional ? `${first} | ${afterNone}` : first),
        this.#add(optional ? `${next} | ${afterOne}` : next),
      ];
    }
    return this.#add(`"{" ${afterNone} "}"`);
  }

  #add(rule: string): string {
    const name = `r${this.#rules.size}`;
    this.#rules.set(name, rule);
    return name;
  }
}

function repeated(min: number, max: number | undefined): string {
  if (max !== undefined) return `{${min},${max}}`;
  return min === 0 ? '*' : `{${min},}`;
}

/** A GBNF string literal. Control characters are escaped by JSON already. */
function verbatim(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
