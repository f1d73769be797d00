import * as ort from 'onnxruntime-node';
import { samplesOf } from '../../audio/frame.js';
import { whisperLogMel } from '../../audio/whisper-mel.js';
import { sessionOptions } from '../host/ort-options.js';
import { serveHost } from '../host/serve.js';
import { lookBackMs, type SmartTurnInit, type SmartTurnRequest } from './wire.js';

const rateHz = 16_000;
const windowSamples = samplesOf(lookBackMs, rateHz);
const melBands = 80;
const melFrames = 800;

serveHost<SmartTurnInit>(async ({ modelPath }) => {
  const session = await ort.InferenceSession.create(modelPath, sessionOptions());

  const predict = async (samples: Float32Array): Promise<number> => {
    const features = await whisperLogMel(normalized(lastWindow(samples)));
    const input = new ort.Tensor('float32', features, [1, melBands, melFrames]);
    const { logits } = await session.run({ input_features: input });
    const value = (logits?.data as Float32Array | undefined)?.[0] ?? 0;
    // The published graph ends in a sigmoid; an export without one gives a logit.
    return value >= 0 && value <= 1 ? value : 1 / (1 + Math.exp(-value));
  };
  await predict(new Float32Array(rateHz));

  return {
    predict: async (payload) => predict((payload as SmartTurnRequest).samples),
  };
});

/** The last 8 s, padded with zeros on the left. */
function lastWindow(samples: Float32Array): Float32Array {
  const window = new Float32Array(windowSamples);
  const recent = samples.length > windowSamples ? samples.subarray(samples.length - windowSamples) : samples;
  window.set(recent, windowSamples - recent.length);
  return window;
}

/** Zero mean, unit variance over the whole padded window, as the model was trained. */
function normalized(samples: Float32Array): Float32Array {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] as number;
  const mean = sum / samples.length;
  let squares = 0;
  for (let i = 0; i < samples.length; i++) squares += ((samples[i] as number) - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / samples.length + 1e-7);
  const out = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i++) out[i] = ((samples[i] as number) - mean) * scale;
  return out;
}
