import { wireRateHz } from './pcm.js';
import { createResampler } from './resampler.js';

const frameSamples = wireRateHz / 50;

/**
 * Asks for the microphone with the browser's own echo cancellation, noise suppression and gain control.
 * @returns {Promise<MediaStream>}
 * @throws {Error} `name` tells why: see `startProblem`
 */
export function requestMicrophone() {
  if (navigator.mediaDevices?.getUserMedia === undefined) {
    const error = new Error('This browser offers no microphone to this page.');
    error.name = 'InsecureContextError';
    return Promise.reject(error);
  }
  return navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  });
}

/**
 * @param {AudioContext} context
 * @param {MediaStreamAudioSourceNode} source
 * @param {(frame: Float32Array) => void} onFrame 20 ms at 24 kHz
 * @returns {Promise<{ close(): void }>}
 */
export async function startCapture(context, source, onFrame) {
  await context.audioWorklet.addModule(new URL('./capture-worklet.js', import.meta.url));
  const node = new AudioWorkletNode(context, 'parley-capture', {
    numberOfInputs: 1,
    numberOfOutputs: 1,
    channelCount: 1,
    channelCountMode: 'explicit',
  });
  const resampler = createResampler(context.sampleRate, wireRateHz);
  const frames = createFramer(frameSamples, onFrame);
  node.port.onmessage = ({ data }) => frames.push(resampler.push(data));
  source.connect(node);
  // The node writes silence; without a path to the output some browsers never run it.
  node.connect(context.destination);
  return {
    close() {
      node.port.onmessage = null;
      source.disconnect();
      node.disconnect();
    },
  };
}

function createFramer(samplesPerFrame, onFrame) {
  let pending = new Float32Array(0);
  return {
    push(samples) {
      const all = new Float32Array(pending.length + samples.length);
      all.set(pending);
      all.set(samples, pending.length);
      let at = 0;
      for (; at + samplesPerFrame <= all.length; at += samplesPerFrame) onFrame(all.slice(at, at + samplesPerFrame));
      pending = all.slice(at);
    },
  };
}
