import type { Llama, LlamaGrammar } from 'node-llama-cpp';
import type { JsonSchema } from '../../ports/json-schema.js';
import { jsonGrammar } from './json-grammar.js';

const maxGrammars = 16;

/** Grammars of the schemas that were asked for last. */
export class GrammarCache {
  readonly #llama: Llama;
  readonly #grammars = new Map<string, LlamaGrammar>();

  constructor(llama: Llama) {
    this.#llama = llama;
  }

  async of(schema: JsonSchema): Promise<LlamaGrammar> {
    const grammar = jsonGrammar(schema);
    const known = this.#grammars.get(grammar) ?? (await this.#llama.createGrammar({ grammar }));
    this.#grammars.delete(grammar);
    this.#grammars.set(grammar, known);
    for (const oldest of this.#grammars.keys()) {
      if (this.#grammars.size <= maxGrammars) break;
      this.#grammars.delete(oldest);
    }
    return known;
  }
}
