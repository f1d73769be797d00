import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ParleyError } from '../../ports/errors.js';
import { sessionOptions } from '../host/ort-options.js';
import { readModelFile } from './model-files.js';
import { HOP } from './pulses.js';
import { SPECTRUM_BINS, type VoiceSpectrum } from './vocoder.js';

/** The tensor inside the graph that holds the duration of each id; the published graph does not put it out. */
const DURATIONS = '/Round_output_0';
/** Its unit: 25 ms, as the network decides durations at half the rate of its spectrum. */
const DURATION_UNIT_SAMPLES = 2 * HOP;

/** One network run: the spectrum and how many samples each id takes (the two zeros at the ends included). */
export type NetworkResult = { readonly spectrum: VoiceSpectrum; readonly samplesPerId: Int32Array };

/** The acoustic network: phoneme ids in, spectrum and pitch per frame out. */
export class VoiceNetwork {
  private constructor(private readonly session: InferenceSession) {}

  static async load(modelDir: string, threads: number): Promise<VoiceNetwork> {
    const bytes = await readModelFile(modelDir, 'hibari.onnx');
    try {
      const session = await InferenceSession.create(withOutput(bytes, DURATIONS), sessionOptions(threads));
      return new VoiceNetwork(session);
    } catch (cause) {
      throw new ParleyError(
        `hibari.onnx in ${modelDir} could not be loaded as an ONNX model. Delete it and fetch the model again.`,
        { code: 'models.corrupt', cause },
      );
    }
  }

  /**
   * @param ids phoneme ids with a zero at both ends
   * @param speed divides the durations; 1 is the voice's own pace
   */
  async run(ids: readonly number[], speed: number): Promise<NetworkResult> {
    const feeds = {
      ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      speed: new Tensor('float32', Float32Array.of(speed), [1]),
    };
    const out = await this.session.run(feeds);
    const f0 = floats(out, 'f0');
    const frames = f0.length;
    const spectrum: VoiceSpectrum = {
      frames,
      lh: matrix(out, 'lh', frames),
      theta: matrix(out, 'theta', frames),
      ln: matrix(out, 'ln', frames),
      lr: matrix(out, 'lr', frames),
      phi: matrix(out, 'phi', frames),
      f0,
    };
    return {
      spectrum,
      samplesPerId: Int32Array.from(floats(out, DURATIONS), (units) => units * DURATION_UNIT_SAMPLES),
    };
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

function floats(out: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const data = (out[name] as Tensor | undefined)?.data;
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number);
  throw new ParleyError(`The voice network gave no numbers for "${name}". The model file is not a hibari voice.`, {
    code: 'models.corrupt',
  });
}

function matrix(out: InferenceSession.OnnxValueMapType, name: string, frames: number): Float32Array {
  const data = floats(out, name);
  if (data.length === SPECTRUM_BINS * frames) return data;
  throw new ParleyError(
    `The voice network gave ${data.length} numbers for "${name}", expected ${SPECTRUM_BINS} per frame (${frames} frames). The model file is not a hibari voice.`,
    { code: 'models.corrupt' },
  );
}

/**
 * The model with one more graph output. Protocol Buffers merge an embedded message that occurs twice, so a second `graph`
 * field (7) that holds only `output { name }` (12, 1) is appended; the file on disk keeps its hash.
 */
export function withOutput(model: Uint8Array, name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  const valueInfo = [0x0a, text.length, ...text];
  const output = [0x62, valueInfo.length, ...valueInfo];
  const graph = [0x3a, output.length, ...output];
  const joined = new Uint8Array(model.length + graph.length);
  joined.set(model);
  joined.set(graph, model.length);
  return joined;
}
