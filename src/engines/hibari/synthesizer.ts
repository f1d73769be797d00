import { durationMs } from '../../audio/frame.js';
import { ParleyError } from '../../ports/errors.js';
import { CONTINUATION, type Context, contextBefore, inContext, pauseInContextMs } from './breath-group.js';
import { FrontEnd } from './front-end.js';
import { setLevel } from './level.js';
import { asTable, readModelJson } from './model-files.js';
import { VoiceNetwork } from './network.js';
import type { PhonemizedPiece, PhonemizedText } from './phonemized.js';
import { RATE_HZ } from './pulses.js';
import {
  cutClause,
  findPause,
  findSpeech,
  type Kept,
  PAUSE_AFTER_SENTENCE_MS,
  startAfter,
  trimSilence,
} from './silence.js';
import { Vocoder } from './vocoder.js';
import { phonemeEdges, type SpokenWord, timeWords } from './word-times.js';

/** Beyond these the network's durations stop following `speed`, and words get lost. */
const SLOWEST = 0.5;
const FASTEST = 2;

/** Of what was said before, only the last words matter, and reading more of them takes time. */
const LONGEST_AFTER_CHARACTERS = 80;
/** How far from its place in the text the silence of a pause may begin or end. */
const PAUSE_SEARCH_SAMPLES = 0.12 * RATE_HZ;

export type SynthesisOptions = {
  /** Pace; 1 is the voice's own. Clipped to 0.5-2. The effect is sub-linear: 1.2 shortens by about a tenth. @defaultValue 1 */
  readonly speed?: number;
  /** Start with the first audible sound (10 ms before it) instead of the network's 250-320 ms of silence. @defaultValue true */
  readonly trimLeadingSilence?: boolean;
  /** Nothing follows: the trailing silence stays as it is. False cuts it to a pause that suits the punctuation. @defaultValue true */
  readonly final?: boolean;
  /**
   * What was said right before in the same reply. Where it ends within a sentence, this text goes on with it: no new
   * beginning of the intonation. @defaultValue ''
   */
  readonly after?: string;
};

export type SynthesizedSpeech = {
  /** 24 kHz mono, within −1..1. Empty where there was nothing to say. */
  readonly samples: Float32Array;
  readonly rateHz: 24000;
  readonly phonemes: string;
  readonly words: readonly SpokenWord[];
};

/** Text to speech with one hibari voice, in this thread. Calls are served one at a time, in order. */
export class HibariSynthesizer {
  private readonly vocoder = new Vocoder();
  private queue: Promise<unknown> = Promise.resolve();
  private closed = false;

  private constructor(
    private readonly frontEnd: FrontEnd,
    private readonly network: VoiceNetwork,
    private readonly alphabet: Readonly<Record<string, number>>,
    private readonly continuation: string,
  ) {}

  /**
   * @param paths modelDir holds hibari.onnx, vocab.json and the tables of the front end
   * @param options threads: intra-op threads of the network (default 1; a second one gains little)
   */
  static async load(paths: { modelDir: string }, options: { threads?: number } = {}): Promise<HibariSynthesizer> {
    const { modelDir } = paths;
    const alphabet = asTable<number>(await readModelJson(modelDir, 'vocab.json'), 'vocab.json');
    const frontEnd = await FrontEnd.load(modelDir, new Set(Object.keys(alphabet)));
    const network = await VoiceNetwork.load(modelDir, options.threads ?? 1);
    const continuation = (await frontEnd.phonemize(CONTINUATION)).phonemes;
    return new HibariSynthesizer(frontEnd, network, alphabet, continuation);
  }

  /** How the text will be read. Never throws for content. */
  phonemize(text: string): Promise<PhonemizedText> {
    return this.frontEnd.phonemize(text);
  }

  /** All of the text in one array; see {@link stream} for long text. */
  async synthesize(text: string, options: SynthesisOptions = {}): Promise<SynthesizedSpeech> {
    const parts: SynthesizedSpeech[] = [];
    for await (const part of this.stream(text, options)) parts.push(part);
    return join(parts);
  }

  /**
   * Sentence by sentence, long ones in breath groups of at most 120 phonemes, each as soon as it is ready. The consumer may
   * stop at any time. Played one after another without a gap, the parts are the whole.
   */
  async *stream(text: string, options: SynthesisOptions = {}): AsyncGenerator<SynthesizedSpeech> {
    const { pieces } = await this.phonemize(text);
    let before = options.after === undefined ? undefined : await this.endOf(options.after);
    for (const [i, piece] of pieces.entries()) {
      const followed = i < pieces.length - 1 || options.final === false;
      const behind = followed && piece.boundary !== 'sentence' ? this.continuation : undefined;
      const context = { before, behind };
      yield await this.exclusive(() => this.speak(piece, context, i === 0, followed, options));
      before = contextBefore(piece.phonemes);
    }
  }

  private async endOf(text: string): Promise<string | undefined> {
    const end = text.slice(-LONGEST_AFTER_CHARACTERS);
    const wholeWords = end.length < text.length ? end.replace(/^\S*\s+/, '') : end;
    return contextBefore((await this.phonemize(wholeWords)).phonemes);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.queue;
    await Promise.all([this.frontEnd.close(), this.network.close()]);
  }

  private async speak(
    piece: PhonemizedPiece,
    context: Context,
    first: boolean,
    followed: boolean,
    options: SynthesisOptions,
  ): Promise<SynthesizedSpeech> {
    const { phonemes, from, to } = inContext(piece, context);
    const ids = [0, ...Array.from(phonemes, (phoneme) => this.alphabet[phoneme] ?? 0), 0];
    const speed = Math.min(FASTEST, Math.max(SLOWEST, finite(options.speed, 1)));
    const { spectrum, samplesPerId } = await this.network.run(ids, speed);
    const raw = this.vocoder.render(spectrum, ids.length);
    setLevel(raw);
    const edges = phonemeEdges(samplesPerId);
    const { samples, offset } =
      context.before === undefined && context.behind === undefined
        ? trimSilence(raw, {
            leading: !first || options.trimLeadingSilence !== false,
            pauseMs: followed ? PAUSE_AFTER_SENTENCE_MS : undefined,
          })
        : takeOut(raw, piece, context, followed, edges, from, to);
    const words = timeWords(piece.words, { edges, from, offset, samples });
    return { samples, rateHz: RATE_HZ, phonemes: piece.phonemes, words };
  }

  /** The vocoder's scratch memory and the session serve one call at a time. */
  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.queue.then(() => {
      if (this.closed) {
        throw new ParleyError('The speech voice has been closed. Load it again before asking it to speak.', {
          code: 'tts.closed',
        });
      }
      return work();
    });
    this.queue = run.catch(() => undefined);
    return run;
  }
}

function finite(value: number | undefined, fallback: number): number {
  return value !== undefined && Number.isFinite(value) ? value : fallback;
}

/** Cuts a piece out of what was synthesised with it, at the pauses around it. */
function takeOut(
  raw: Float32Array,
  piece: PhonemizedPiece,
  context: Context,
  followed: boolean,
  edges: readonly number[],
  from: number,
  to: number,
): Kept {
  const speech = findSpeech(raw) ?? { start: 0, end: 0 };
  // Phoneme i is id i + 1. Around the mark and the space between, the network places sounds up to this much off.
  const pauseBefore = (phoneme: number) =>
    findPause(
      raw,
      (edges[phoneme - 1] ?? 0) - PAUSE_SEARCH_SAMPLES,
      (edges[phoneme + 1] ?? raw.length) + PAUSE_SEARCH_SAMPLES,
    );
  const start = startAfter(context.before === undefined ? { start: 0, end: speech.start } : pauseBefore(from));
  if (context.behind !== undefined) {
    const pause = pauseBefore(to + 1);
    return cutClause(raw, {
      start,
      pause,
      pauseMs: pauseInContextMs(piece, durationMs(pause.end - pause.start, RATE_HZ)),
    });
  }
  const pause = followed ? { start: speech.end, end: raw.length } : undefined;
  return cutClause(raw, { start, pause, pauseMs: PAUSE_AFTER_SENTENCE_MS });
}

function join(parts: readonly SynthesizedSpeech[]): SynthesizedSpeech {
  const samples = new Float32Array(parts.reduce((sum, part) => sum + part.samples.length, 0));
  const words: SpokenWord[] = [];
  let at = 0;
  for (const part of parts) {
    samples.set(part.samples, at);
    for (const word of part.words) {
      words.push({ text: word.text, startSample: word.startSample + at, endSample: word.endSample + at });
    }
    at += part.samples.length;
  }
  return { samples, rateHz: RATE_HZ, phonemes: parts.map((part) => part.phonemes).join(' '), words };
}
