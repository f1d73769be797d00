import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { sessionOptions } from '../host/ort-options.js';
import { MoonshineTokenizer } from './tokenizer.js';

const layers = 6;
const heads = 8;
const headSize = 36;
const startToken = 1;
const endToken = 2;

/** Speech seldom passes this; a model that does has begun to repeat itself. */
const maxTokensPerSecond = 6.5;

/** One transcription under way: the encoder has run, tokens come by `step`. */
export type Decoding = {
  readonly tokens: number[];
  readonly maxTokens: number;
  readonly encoder: ort.Tensor;
  readonly mask: ort.Tensor;
  /** Key/value tensors by input name; the encoder's are kept from the first step, since later steps return none. */
  past: Record<string, ort.Tensor>;
  done: boolean;
};

/** Moonshine tiny (two sessions: encoder, merged decoder), greedy, one thread. */
export class MoonshineRecognizer {
  readonly #encoder: ort.InferenceSession;
  readonly #decoder: ort.InferenceSession;
  readonly #tokenizer: MoonshineTokenizer;

  private constructor(encoder: ort.InferenceSession, decoder: ort.InferenceSession, tokenizer: MoonshineTokenizer) {
    this.#encoder = encoder;
    this.#decoder = decoder;
    this.#tokenizer = tokenizer;
  }

  static async load(modelDir: string): Promise<MoonshineRecognizer> {
    const encoder = await ort.InferenceSession.create(join(modelDir, 'encoder_model.ort'), sessionOptions());
    const decoder = await ort.InferenceSession.create(join(modelDir, 'decoder_model_merged.ort'), sessionOptions());
    const tokenizer = new MoonshineTokenizer(await readFile(join(modelDir, 'tokenizer.bin')));
    return new MoonshineRecognizer(encoder, decoder, tokenizer);
  }

  /** Runs the encoder. @param samples 16 kHz mono, within the bounds of limits.ts */
  async begin(samples: Float32Array): Promise<Decoding> {
    const mask = new ort.Tensor('int64', new BigInt64Array(samples.length).fill(1n), [1, samples.length]);
    const input = new ort.Tensor('float32', samples, [1, samples.length]);
    const { last_hidden_state: encoder } = await this.#encoder.run({ input_values: input, attention_mask: mask });
    const past: Record<string, ort.Tensor> = {};
    for (let layer = 0; layer < layers; layer++)
      for (const side of ['decoder', 'encoder'])
        for (const part of ['key', 'value'])
          past[`past_key_values.${layer}.${side}.${part}`] = new ort.Tensor('float32', new Float32Array(0), [
            1,
            heads,
            0,
            headSize,
          ]);
    const maxTokens = Math.max(8, Math.ceil((samples.length / 16_000) * maxTokensPerSecond));
    return { tokens: [], maxTokens, encoder: encoder as ort.Tensor, mask, past, done: false };
  }

  /** Decodes tokens until the end or until `budgetMs` is spent. */
  async step(decoding: Decoding, budgetMs: number): Promise<void> {
    const until = performance.now() + budgetMs;
    do {
      await this.#token(decoding);
    } while (!decoding.done && performance.now() < until);
  }

  textOf(decoding: Decoding): string {
    return this.#tokenizer.decode(decoding.tokens);
  }

  async #token(decoding: Decoding): Promise<void> {
    const first = decoding.tokens.length === 0;
    const last = decoding.tokens.at(-1) ?? startToken;
    const outputs = await this.#decoder.run({
      input_ids: new ort.Tensor('int64', BigInt64Array.of(BigInt(last)), [1, 1]),
      encoder_hidden_states: decoding.encoder,
      encoder_attention_mask: decoding.mask,
      use_cache_branch: new ort.Tensor('bool', [!first], [1]),
      ...decoding.past,
    });
    for (const [name, tensor] of Object.entries(outputs)) {
      if (!name.startsWith('present.')) continue;
      if (!first && name.includes('.encoder.')) continue;
      decoding.past[name.replace('present.', 'past_key_values.')] = tensor;
    }
    const token = argMax(outputs.logits?.data as Float32Array);
    if (token === endToken) decoding.done = true;
    else {
      decoding.tokens.push(token);
      if (decoding.tokens.length >= decoding.maxTokens) decoding.done = true;
    }
  }
}

function argMax(logits: Float32Array): number {
  let best = 0;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    const value = logits[i] as number;
    if (value > bestValue) {
      bestValue = value;
      best = i;
    }
  }
  return best;
}
