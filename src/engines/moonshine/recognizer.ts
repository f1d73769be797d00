import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { Beginning, Keyword } from '../../ports/speech-to-text.js';
import { sessionOptions } from '../host/ort-options.js';
import { alignedLayers, placeWords, reduceAttention, type TokenAttention } from './alignment.js';
import { digitPrior, type LogitBias } from './digit-prior.js';
import { DraftTokens } from './draft-tokens.js';
import { geometricMean } from './geometric-mean.js';
import { type KeywordBias, keywordBias } from './keyword-bias.js';
import { loopBegins } from './loops.js';
import { rewireBranch } from './rewire.js';
import { MoonshineTokenizer } from './tokenizer.js';
import type { Heard, HeardWord } from './wire.js';

const layers = 6;
const heads = 8;
const headSize = 36;
const startToken = 1;
const endToken = 2;

/** Speech seldom passes this; a model that does has begun to repeat itself. */
const maxTokensPerSecond = 6.5;

export type DecodingOptions = {
  /** Tokens that will probably come: they are checked, not trusted. */
  readonly draft?: readonly number[];
  /** What is said is a list of digits, more likely than not. */
  readonly digits?: boolean;
  /** Phrases that are likelier than usual. */
  readonly keywords?: readonly Keyword[];
};

type Tensors = Readonly<Record<string, ort.Tensor>>;

/** One transcription under way: the encoder has run, tokens come by `step`. */
export type Decoding = {
  readonly tokens: number[];
  /** Of each token, when it was chosen. */
  readonly probabilities: number[];
  /** What the first token may be, the likeliest first. */
  beginnings: readonly Beginning[];
  readonly maxTokens: number;
  readonly audioMs: number;
  readonly encoder: ort.Tensor;
  readonly mask: ort.Tensor;
  readonly draft: DraftTokens;
  readonly bias: LogitBias | undefined;
  readonly keywords: KeywordBias | undefined;
  /** Positions where a keyword was begun and taken back. */
  readonly blocked: Set<number>;
  /** Of each token, whether it is there only because of a keyword. */
  readonly swayed: boolean[];
  /** To go on from here: what comes behind was the beginning of a keyword that was not said. */
  takeBackTo: number | undefined;
  /** Keys and values by input name. The encoder's come from the first run, since later ones return none. */
  encoderPast: Tensors | undefined;
  decoderPast: Tensors;
  /** Tokens that the decoder has not taken in yet. */
  pending: number[];
  readonly attention: TokenAttention[];
  /** Runs of the decoder so far. */
  runs: number;
  done: boolean;
};

/**
 * Moonshine tiny (two sessions: encoder, merged decoder), greedy, one thread. The decoder's later runs return nothing
 * for the encoder's keys, so two of those outputs carry its cross-attention instead: word times are read from it.
 */
export class MoonshineRecognizer {
  readonly #encoder: ort.InferenceSession;
  readonly #decoder: ort.InferenceSession;
  readonly #tokenizer: MoonshineTokenizer;
  readonly #digitPrior: LogitBias;
  /** The newest keywords: those of one call stay the same. */
  #lastKeywords: { readonly of: string; readonly bias: KeywordBias } | undefined;

  private constructor(encoder: ort.InferenceSession, decoder: ort.InferenceSession, tokenizer: MoonshineTokenizer) {
    this.#encoder = encoder;
    this.#decoder = decoder;
    this.#tokenizer = tokenizer;
    this.#digitPrior = digitPrior((text) => tokenizer.encode(text), endToken);
  }

  static async load(modelDir: string): Promise<MoonshineRecognizer> {
    const encoder = await ort.InferenceSession.create(join(modelDir, 'encoder_model.ort'), sessionOptions());
    const model = rewireBranch(
      await readFile(join(modelDir, 'decoder_model_merged.ort')),
      'then_branch',
      new Map(alignedLayers.map((layer) => [attentionOutput(layer), attentionTensor(layer)])),
    );
    const decoder = await ort.InferenceSession.create(model, sessionOptions());
    const tokenizer = new MoonshineTokenizer(await readFile(join(modelDir, 'tokenizer.bin')));
    return new MoonshineRecognizer(encoder, decoder, tokenizer);
  }

  /**
   * Runs the encoder.
   *
   * @param samples 16 kHz mono, within the bounds of limits.ts
   */
  async begin(
    samples: Float32Array,
    { draft = [], digits = false, keywords = [] }: DecodingOptions = {},
  ): Promise<Decoding> {
    const mask = new ort.Tensor('int64', new BigInt64Array(samples.length).fill(1n), [1, samples.length]);
    const input = new ort.Tensor('float32', samples, [1, samples.length]);
    const { last_hidden_state: encoder } = await this.#encoder.run({ input_values: input, attention_mask: mask });
    return {
      tokens: [],
      probabilities: [],
      beginnings: [],
      maxTokens: Math.max(8, Math.ceil((samples.length / 16_000) * maxTokensPerSecond)),
      audioMs: samples.length / 16,
      encoder: encoder as ort.Tensor,
      mask,
      draft: new DraftTokens(draft),
      bias: digits ? this.#digitPrior : undefined,
      keywords: this.#keywordBias(keywords),
      blocked: new Set(),
      swayed: [],
      takeBackTo: undefined,
      encoderPast: undefined,
      decoderPast: emptyPast('decoder'),
      pending: [startToken],
      attention: [],
      runs: 0,
      done: false,
    };
  }

  /** Decodes tokens until the end or until `budgetMs` is spent. */
  async step(decoding: Decoding, budgetMs: number): Promise<void> {
    const until = performance.now() + budgetMs;
    do {
      if (decoding.encoderPast) await this.#advance(decoding, decoding.encoderPast);
      else await this.#first(decoding);
    } while (!decoding.done && performance.now() < until);
  }

  heardIn(decoding: Decoding): Heard {
    return { words: this.wordsOf(decoding), beginnings: decoding.beginnings };
  }

  /** The words so far. Their times are those of the whole decoding once it is done. */
  wordsOf(decoding: Decoding): HeardWord[] {
    const { tokens, probabilities, attention, audioMs } = decoding;
    const frames = decoding.encoder.dims[1] ?? 0;
    const words = this.#tokenizer.words(tokens);
    const spans = placeWords(
      words.map(({ indexes }) => indexes),
      // A loop that was cut off has been looked at too.
      attention.slice(0, tokens.length + 1),
      frames,
    );
    const msPerFrame = frames > 0 ? audioMs / frames : 0;
    return words.map(({ text, indexes }, index) => {
      const span = spans[index] ?? { from: 0, to: 0 };
      return {
        text,
        startMs: span.from * msPerFrame,
        endMs: Math.max(span.to, span.from + 1) * msPerFrame,
        confidence: geometricMean(indexes.map((token) => probabilities[token] ?? 0)),
        tokens: indexes.map((token) => tokens[token] ?? 0),
      };
    });
  }

  /** The branch without a cache computes the encoder's keys and values. Its attention is not put out. */
  async #first(decoding: Decoding): Promise<void> {
    const outputs = await this.#run(decoding, [startToken], false, {
      ...emptyPast('decoder'),
      ...emptyPast('encoder'),
    });
    decoding.encoderPast = pastOf(outputs, 'encoder');
    const logits = outputs.logits?.data as Float32Array;
    decoding.beginnings = likely(logits).flatMap(({ token, probability }) => {
      const text = this.#tokenizer.decode([token]);
      return text === '' ? [] : [{ text, probability }];
    });
    this.#choose(decoding, logits);
  }

  /** Takes in the pending tokens and, at the same time, as many of the draft's as turn out right. */
  async #advance(decoding: Decoding, encoderPast: Tensors): Promise<void> {
    const { pending } = decoding;
    const guesses = decoding.draft.guesses();
    const ids = [...pending, ...guesses];
    const outputs = await this.#run(decoding, ids, true, { ...decoding.decoderPast, ...encoderPast });
    const logits = outputs.logits?.data as Float32Array;
    const vocabulary = logits.length / ids.length;
    let row = pending.length - 1;
    decoding.pending = [];
    for (const guess of [...guesses, undefined]) {
      const chosen = this.#choose(decoding, logits.subarray(row * vocabulary, (row + 1) * vocabulary));
      if (decoding.done || decoding.takeBackTo !== undefined || chosen !== guess) break;
      decoding.pending = [];
      row += 1;
    }
    const kept = row + 1;
    const weights = {
      3: outputs[attentionOutput(3)]?.data as Float32Array,
      4: outputs[attentionOutput(4)]?.data as Float32Array,
    };
    const frames = weights[3].length / heads / ids.length;
    for (let at = 0; at < kept; at++) decoding.attention.push(reduceAttention(weights, at, ids.length, frames));
    const before = decoding.attention.length - kept;
    decoding.decoderPast = pastOf(outputs, 'decoder', before + kept);
    if (decoding.takeBackTo !== undefined) takeBack(decoding, decoding.takeBackTo);
  }

  #keywordBias(keywords: readonly Keyword[]): KeywordBias | undefined {
    if (keywords.length === 0) return undefined;
    const of = JSON.stringify(keywords);
    if (this.#lastKeywords?.of !== of)
      this.#lastKeywords = { of, bias: keywordBias(keywords, (text) => this.#tokenizer.encode(text)) };
    return this.#lastKeywords.bias;
  }

  /** Takes the likeliest token. Changes the logits. */
  #choose(decoding: Decoding, logits: Float32Array): number {
    const { tokens, probabilities } = decoding;
    decoding.bias?.(logits, tokens);
    const { token, probability, swayed } = withKeywords(decoding, logits);
    decoding.takeBackTo = brokenKeyword(decoding, token);
    if (decoding.takeBackTo !== undefined) return token;
    if (token === endToken) {
      decoding.done = true;
      return token;
    }
    tokens.push(token);
    probabilities.push(probability);
    decoding.swayed.push(swayed);
    decoding.pending.push(token);
    decoding.draft.came(token);
    const kept = loopBegins(tokens);
    if (kept !== undefined) {
      tokens.length = kept;
      probabilities.length = kept;
    }
    if (kept !== undefined || tokens.length >= decoding.maxTokens) decoding.done = true;
    return token;
  }

  #run(decoding: Decoding, ids: readonly number[], cached: boolean, past: Tensors): Promise<Tensors> {
    decoding.runs += 1;
    return this.#decoder.run({
      input_ids: new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      encoder_hidden_states: decoding.encoder,
      encoder_attention_mask: decoding.mask,
      use_cache_branch: new ort.Tensor('bool', [cached], [1]),
      ...past,
    }) as Promise<Tensors>;
  }
}

/** The likeliest token once keywords are likelier, and how likely it was without them. */
function withKeywords(
  { keywords, tokens, blocked }: Decoding,
  logits: Float32Array,
): Choice & { readonly swayed: boolean } {
  const heard = mostLikely(logits);
  if (!keywords) return { ...heard, swayed: false };
  const most = logits[heard.token] ?? 0;
  let best = heard.token;
  let bestLogit = most;
  for (const [token, bonus] of keywords.bonuses(tokens, blocked)) {
    const logit = (logits[token] ?? 0) + bonus;
    if (logit <= bestLogit) continue;
    best = token;
    bestLogit = logit;
  }
  const probability = heard.probability * Math.exp((logits[best] ?? 0) - most);
  return { token: best, probability, swayed: best !== heard.token };
}

/** Where to go back to: a keyword was begun there only because it is one, and `next` is not how it goes on. */
function brokenKeyword({ keywords, tokens, blocked, swayed }: Decoding, next: number): number | undefined {
  const from = keywords?.brokenBy(tokens, next, blocked);
  return from !== undefined && swayed.slice(from).includes(true) ? from : undefined;
}

/** Goes on from the first `length` tokens, and begins no keyword there. */
function takeBack(decoding: Decoding, length: number): void {
  const { tokens } = decoding;
  tokens.length = length;
  decoding.probabilities.length = length;
  decoding.swayed.length = length;
  for (const position of decoding.blocked) if (position > length) decoding.blocked.delete(position);
  decoding.blocked.add(length);
  // The last token is taken in again: its logits are not kept.
  decoding.attention.length = length;
  decoding.decoderPast = firstOf(decoding.decoderPast, length);
  decoding.pending = [tokens[length - 1] ?? startToken];
  decoding.takeBackTo = undefined;
}

function attentionOutput(layer: number): string {
  return `present.${layer}.encoder.key`;
}

function attentionTensor(layer: number): string {
  return `/model/decoder/layers.${layer}/encoder_attn/Softmax_output_0`;
}

const pastNames = (side: 'decoder' | 'encoder'): string[] =>
  Array.from({ length: layers }, (_, layer) => ['key', 'value'].map((part) => `${layer}.${side}.${part}`)).flat();

function emptyPast(side: 'decoder' | 'encoder'): Tensors {
  return Object.fromEntries(
    pastNames(side).map((name) => [
      `past_key_values.${name}`,
      new ort.Tensor('float32', new Float32Array(0), [1, heads, 0, headSize]),
    ]),
  );
}

/** Keys and values as the next run takes them, of the first `length` positions. */
function pastOf(outputs: Tensors, side: 'decoder' | 'encoder', length?: number): Tensors {
  return Object.fromEntries(
    pastNames(side).map((name) => {
      const tensor = outputs[`present.${name}`] as ort.Tensor;
      return [`past_key_values.${name}`, length === undefined ? tensor : firstPositions(tensor, length)];
    }),
  );
}

function firstOf(past: Tensors, length: number): Tensors {
  return Object.fromEntries(Object.entries(past).map(([name, tensor]) => [name, firstPositions(tensor, length)]));
}

function firstPositions(tensor: ort.Tensor, length: number): ort.Tensor {
  const whole = tensor.dims[2] ?? 0;
  if (whole <= length) return tensor;
  const data = tensor.data as Float32Array;
  const kept = new Float32Array(heads * length * headSize);
  for (let head = 0; head < heads; head++)
    kept.set(data.subarray(head * whole * headSize, (head * whole + length) * headSize), head * length * headSize);
  return new ort.Tensor('float32', kept, [1, heads, length, headSize]);
}

type Choice = { readonly token: number; readonly probability: number };

/** Tokens that are no less likely than this may be the first. */
const beginsFrom = 0.01;

/** The likelier tokens, the likeliest first; before anything but the audio sways them. */
function likely(logits: Float32Array): Choice[] {
  const { token, probability } = mostLikely(logits);
  const least = (logits[token] ?? 0) + Math.log(beginsFrom / probability);
  const found: Choice[] = [];
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i] as number;
    if (logit >= least) found.push({ token: i, probability: probability * Math.exp(logit - (logits[token] ?? 0)) });
  }
  return found.sort((a, b) => b.probability - a.probability);
}

/** The greedy choice and its softmax probability. */
function mostLikely(logits: Float32Array): Choice {
  let token = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] as number) > (logits[token] as number)) token = i;
  const most = logits[token] as number;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] as number) - most);
  return { token, probability: 1 / sum };
}
