import { frameSamples } from './timing.js';

/** Two channels that grow frame by frame, stored as sent: 16 bits. */
export type CallRecorder = {
  add(caller: Int16Array, agent: Int16Array): void;
  /** Both channels so far. */
  read(): { readonly caller: Float32Array; readonly agent: Float32Array };
};

export function createRecorder(): CallRecorder {
  const callerFrames: Int16Array[] = [];
  const agentFrames: Int16Array[] = [];
  return {
    add(caller, agent) {
      callerFrames.push(caller);
      agentFrames.push(agent);
    },
    read: () => ({ caller: joined(callerFrames), agent: joined(agentFrames) }),
  };
}

function joined(frames: readonly Int16Array[]): Float32Array {
  const samples = new Float32Array(frames.length * frameSamples);
  frames.forEach((frame, index) => {
    for (let i = 0; i < frame.length; i++) samples[index * frameSamples + i] = (frame[i] as number) / 32_768;
  });
  return samples;
}
