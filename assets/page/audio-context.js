import { wireRateHz } from './pcm.js';

/**
 * Opens the page's one audio context. Call it inside a click: browsers keep a context silent that no gesture started.
 * @returns {AudioContext} at 24 kHz where the browser allows, at the device's rate otherwise
 */
export function openAudioContext() {
  try {
    return new AudioContext({ sampleRate: wireRateHz, latencyHint: 'interactive' });
  } catch {
    return new AudioContext({ latencyHint: 'interactive' });
  }
}

/**
 * Some browsers open a context at 24 kHz and then refuse to connect a microphone of another rate to it.
 * @param {AudioContext} context
 * @param {MediaStream} stream
 * @returns {Promise<{ context: AudioContext, source: MediaStreamAudioSourceNode }>} perhaps another context, the given one closed
 */
export async function connectMicrophone(context, stream) {
  try {
    return { context, source: context.createMediaStreamSource(stream) };
  } catch {
    await context.close();
    const atDeviceRate = new AudioContext({ latencyHint: 'interactive' });
    return { context: atDeviceRate, source: atDeviceRate.createMediaStreamSource(stream) };
  }
}
