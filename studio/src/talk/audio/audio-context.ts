import { realtimeRateHz } from '../../../../src/client/pcm.js';
import captureWorkletUrl from './capture-worklet.ts?worker&url';
import playbackWorkletUrl from './playback-worklet.ts?worker&url';

/**
 * Opens the page's one audio context, at 24 kHz where the browser allows and at the device's rate otherwise. Call it in
 * a click or key press: browsers keep a context silent that no gesture started.
 */
export function openAudioContext(): AudioContext {
  try {
    return new AudioContext({ sampleRate: realtimeRateHz, latencyHint: 'interactive' });
  } catch {
    return new AudioContext({ latencyHint: 'interactive' });
  }
}

/** Loads the worklets: files of our own, because a strict content security policy knows no other modules. */
export async function loadWorklets(context: AudioContext): Promise<void> {
  await Promise.all([
    context.audioWorklet.addModule(captureWorkletUrl),
    context.audioWorklet.addModule(playbackWorkletUrl),
  ]);
}

/** Whether the context takes a microphone's audio: some browsers open one at 24 kHz and then refuse any other rate. */
export function accepts(context: AudioContext, stream: MediaStream): boolean {
  try {
    context.createMediaStreamSource(stream).disconnect();
    return true;
  } catch {
    return false;
  }
}

export function openContextAtDeviceRate(): AudioContext {
  return new AudioContext({ latencyHint: 'interactive' });
}

/** Phones suspend audio for a call or a lock screen and do not always take it up again. */
export function keepSounding(context: AudioContext, onPaused: () => void): void {
  const resume = (): void => {
    context.resume().catch(() => {});
  };
  resume();
  context.onstatechange = () => {
    if (context.state === 'running' || context.state === 'closed') return;
    onPaused();
    resume();
  };
}
