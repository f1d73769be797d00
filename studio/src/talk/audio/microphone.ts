import { realtimeRateHz } from '../../../../src/client/pcm.js';
import { createResampler } from './resampler.js';
import { captureProcessor } from './worklet-messages.js';

const frameSamples = realtimeRateHz / 50;

export type MicrophoneChoice = {
  /** Undefined: the browser's default. */
  readonly deviceId: string | undefined;
  readonly echoCancellation: boolean;
};

/**
 * Asks for a microphone. Noise suppression and gain control are the browser's own.
 * @throws {Error} whose `name` tells why: see `startProblem`
 */
export async function requestMicrophone({ deviceId, echoCancellation }: MicrophoneChoice): Promise<MediaStream> {
  // Browsers leave it out on addresses that are neither https nor this machine.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices?.getUserMedia === undefined) {
    throw Object.assign(new Error('This browser offers no microphone to this page.'), { name: 'InsecureContextError' });
  }
  const common = { echoCancellation, noiseSuppression: true, autoGainControl: true };
  if (deviceId === undefined) return devices.getUserMedia({ audio: common });
  try {
    return await devices.getUserMedia({ audio: { ...common, deviceId: { exact: deviceId } } });
  } catch (error) {
    // One that was chosen another day and is not plugged in.
    if ((error as Error).name !== 'OverconstrainedError') throw error;
    return devices.getUserMedia({ audio: common });
  }
}

export type Capture = {
  readonly stream: MediaStream;
  readonly analyser: AnalyserNode;
  /** Lets go of the microphone. Idempotent. */
  close(): void;
};

export type CaptureOptions = {
  /** 20 ms at 24 kHz. */
  readonly onFrame: (frame: Float32Array) => void;
  /** The device went away. */
  readonly onLost: () => void;
};

/** Begins to capture a stream. The context must have loaded the worklets. */
export function startCapture(context: AudioContext, stream: MediaStream, options: CaptureOptions): Capture {
  const source = context.createMediaStreamSource(stream);
  const node = new AudioWorkletNode(context, captureProcessor, {
    numberOfInputs: 1,
    numberOfOutputs: 1,
    channelCount: 1,
    channelCountMode: 'explicit',
  });
  const analyser = context.createAnalyser();
  const resampler = createResampler(context.sampleRate, realtimeRateHz);
  const push = createFramer(frameSamples, options.onFrame);
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => push(resampler.push(data));
  source.connect(analyser);
  source.connect(node);
  // The node writes silence; without a path to the output some browsers never run it.
  node.connect(context.destination);
  const [track] = stream.getAudioTracks();
  track?.addEventListener('ended', options.onLost);
  return {
    stream,
    analyser,
    close() {
      track?.removeEventListener('ended', options.onLost);
      node.port.onmessage = null;
      source.disconnect();
      node.disconnect();
      for (const each of stream.getTracks()) each.stop();
    },
  };
}

function createFramer(
  samplesPerFrame: number,
  onFrame: (frame: Float32Array) => void,
): (samples: Float32Array) => void {
  let pending = new Float32Array(0);
  return (samples) => {
    const all = new Float32Array(pending.length + samples.length);
    all.set(pending);
    all.set(samples, pending.length);
    let at = 0;
    for (; at + samplesPerFrame <= all.length; at += samplesPerFrame) onFrame(all.slice(at, at + samplesPerFrame));
    pending = all.slice(at);
  };
}
