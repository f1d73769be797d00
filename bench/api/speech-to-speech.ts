import { WebSocket } from 'ws';
import { defaultAgent } from '../../src/agents/default-agent.js';
import { createResampler } from '../../src/audio/resample.js';
import { base64ToSamples, int16Samples, pcm16ToBase64, realtimeRateHz } from '../../src/client/pcm.js';
import type { ApiType, Turn } from './conversation.js';

const inputHz = 16_000;
const openWithinMs = 5_000;

type Event = {
  readonly type: string;
  readonly delta?: string;
  readonly response?: { readonly status?: string };
  readonly error?: { readonly message?: string };
};

/** One socket of the Waves dialect: PCM16 at 16 kHz in, at 48 kHz out. */
export const speechToSpeech: ApiType = {
  name: 'speech to speech (/waves/v1/s2s)',
  async open(host) {
    const socket = new WebSocket(`ws://${host}/waves/v1/s2s?model=hydra`, { perMessageDeflate: false });
    const toInput = await createResampler({ fromHz: realtimeRateHz, toHz: inputHz });
    let turn: Turn | undefined;
    let onConfigured: () => void = () => {};
    const configured = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no session within ${openWithinMs} ms`)), openWithinMs);
      onConfigured = () => {
        clearTimeout(late);
        resolve();
      };
      socket.once('unexpected-response', (_request, { statusCode }) => reject(new Error(`not served: ${statusCode}`)));
      socket.on('error', reject);
    });
    socket.on('message', (data: Buffer) => {
      const event = JSON.parse(data.toString()) as Event;
      const session = { instructions: defaultAgent.instructions, generate_initial_response: false };
      if (event.type === 'session.created') socket.send(JSON.stringify({ type: 'session.configure', session }));
      else if (event.type === 'session.configured') onConfigured();
      else if (event.type === 'response.output_audio.delta')
        turn?.heard.add(halfOf(base64ToSamples(event.delta ?? '') ?? new Float32Array()), performance.now());
      else if (event.type === 'response.done' && event.response?.status === 'completed') turn?.answered();
      else if (event.type === 'error') process.stderr.write(`  ${event.error?.message ?? 'error'}\n`);
    });
    try {
      await configured;
    } catch (error) {
      socket.terminate();
      toInput.close();
      throw error;
    }
    return {
      send(audio) {
        const samples = toInput.process(base64ToSamples(audio) ?? new Float32Array());
        const event = { type: 'input_audio_buffer.append', audio: pcm16ToBase64(int16Samples(samples)) };
        if (samples.length > 0) socket.send(JSON.stringify(event));
      },
      begin(next) {
        turn = next;
      },
      async close() {
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.close();
        await closed;
        toInput.close();
      },
    };
  },
};

/** Every second sample: enough to tell sound from silence. */
function halfOf(samples: Float32Array): Float32Array {
  return Float32Array.from({ length: samples.length >> 1 }, (_, index) => samples[2 * index] ?? 0);
}
