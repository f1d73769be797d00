import { inspect } from 'node:util';
import { ParleyError } from '../../ports/errors.js';

/** A key of somebody else's service. It shows itself in one place only: the header of a request. */
export class ApiKey {
  /** The environment variable that it comes from: what people are told instead of the key. */
  readonly variable: string;
  readonly #value: string;

  constructor(variable: string, value: string) {
    this.variable = variable;
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /** The text without the key: services repeat a wrong one in what they answer. */
  masked(text: string): string {
    return text.replaceAll(this.#value, this.toString());
  }

  toString(): string {
    return `[key in ${this.variable}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** @throws ParleyError `remote.no_key` when the variable is not set */
export function readApiKey(variable: string, env: Readonly<Record<string, string | undefined>>): ApiKey {
  const value = env[variable]?.trim();
  if (!value)
    throw new ParleyError(`The environment variable ${variable} is empty; expected the key of a provider in it.`, {
      code: 'remote.no_key',
      status: 400,
    });
  return new ApiKey(variable, value);
}
