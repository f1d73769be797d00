import { ParleyError } from '../../ports/errors.js';
import { FrontEnd } from './front-end.js';
import { setLevel } from './level.js';
import { asTable, readModelJson } from './model-files.js';
import { VoiceNetwork } from './network.js';
import type { PhonemizedPiece, PhonemizedText } from './phonemized.js';
import { RATE_HZ } from './pulses.js';
import { pauseAfterMs, trimSilence } from './silence.js';
import { Vocoder } from './vocoder.js';

/** Beyond these the network's durations stop following `speed`, and words get lost. */
const SLOWEST = 0.5;
const FASTEST = 2;

export type SynthesisOptions = {
  /** Pace; 1 is the voice's own. Clipped to 0.5-2. The effect is sub-linear: 1.2 shortens by about a tenth. @defaultValue 1 */
  readonly speed?: number;
  /** Start with the first audible sound (10 ms before it) instead of the network's 250-320 ms of silence. @defaultValue true */
  readonly trimLeadingSilence?: boolean;
  /** Nothing follows: the trailing silence stays as it is. False cuts it to a pause that suits the punctuation. @defaultValue true */
  readonly final?: boolean;
};

/** When one word is heard, in samples from the start of the audio it came with. */
export type SpokenWord = { readonly text: string; readonly startSample: number; readonly endSample: number };

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
    return new HibariSynthesizer(frontEnd, network, alphabet);
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

  /** Sentence by sentence (at most 400 phonemes each), each as soon as it is ready. The consumer may stop at any time. */
  async *stream(text: string, options: SynthesisOptions = {}): AsyncGenerator<SynthesizedSpeech> {
    const { pieces } = await this.phonemize(text);
    for (const [i, piece] of pieces.entries()) {
      const last = i === pieces.length - 1;
      yield await this.exclusive(() => this.speak(piece, i === 0, last, options));
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.queue;
    await Promise.all([this.frontEnd.close(), this.network.close()]);
  }

  private async speak(
    piece: PhonemizedPiece,
    first: boolean,
    last: boolean,
    options: SynthesisOptions,
  ): Promise<SynthesizedSpeech> {
    const ids = [0, ...Array.from(piece.phonemes, (phoneme) => this.alphabet[phoneme] ?? 0), 0];
    const speed = Math.min(FASTEST, Math.max(SLOWEST, finite(options.speed, 1)));
    const { spectrum, samplesPerId } = await this.network.run(ids, speed);
    const raw = this.vocoder.render(spectrum, ids.length);
    setLevel(raw);
    const followed = !last || options.final === false;
    const { samples, offset } = trimSilence(raw, {
      leading: !first || options.trimLeadingSilence !== false,
      pauseMs: followed ? pauseAfterMs(piece.boundary) : undefined,
    });
    const words = timeWords(piece, samplesPerId, offset, samples.length);
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

/** Word times out of the network's durations, moved by what was cut in front and limited to what stayed. */
function timeWords(piece: PhonemizedPiece, samplesPerId: Int32Array, offset: number, length: number): SpokenWord[] {
  const clip = (sample: number) => Math.min(length, Math.max(0, sample - offset));
  const edges = [0];
  for (const samples of samplesPerId) edges.push((edges.at(-1) ?? 0) + samples);
  // Id 0 is the silence in front, so phoneme i of the piece is id i + 1.
  return piece.words.map(({ text, start, end }) => ({
    text,
    startSample: clip(edges[start + 1] ?? 0),
    endSample: clip(edges[end + 1] ?? length),
  }));
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
