import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import { vadRateHz, vadWindowSamples } from '../../ports/voice-activity.js';
import { sessionOptions } from '../host/ort-options.js';
import type { SileroInit, SileroReply, SileroRequest } from './wire.js';

/** The model sees the last 64 samples of the window before. */
const contextSamples = 64;
const stateSize = 128;
const inputSamples = contextSamples + vadWindowSamples;

type Stream = { readonly context: Float32Array; state: Float32Array };
type WindowRequest = Extract<SileroRequest, { type: 'window' }>;

const port = parentPort;
if (!port) throw new Error('This module runs as a worker thread.');
const { modelPath } = workerData as SileroInit;
const session = await ort.InferenceSession.create(modelPath, sessionOptions());
const streams = new Map<number, Stream>();
let waiting: WindowRequest[] = [];
let running = false;

/** Windows of different calls share one run: four calls cost little more than one. */
async function drain(): Promise<void> {
  running = true;
  while (waiting.length > 0) {
    const batch: WindowRequest[] = [];
    const later: WindowRequest[] = [];
    for (const request of waiting)
      if (batch.some((each) => each.stream === request.stream)) later.push(request);
      else batch.push(request);
    waiting = later;
    try {
      await runBatch(batch);
    } catch (error) {
      for (const { id } of batch) reply({ type: 'failed', id, message: (error as Error).message });
    }
  }
  running = false;
}

async function runBatch(batch: readonly WindowRequest[]): Promise<void> {
  const size = batch.length;
  const input = new Float32Array(size * inputSamples);
  const state = new Float32Array(2 * size * stateSize);
  const members = batch.map(({ stream }) => streamOf(stream));
  for (const [index, { window }] of batch.entries()) {
    const member = members[index] as Stream;
    input.set(member.context, index * inputSamples);
    input.set(window, index * inputSamples + contextSamples);
    for (const layer of [0, 1])
      state.set(member.state.subarray(layer * stateSize, (layer + 1) * stateSize), (layer * size + index) * stateSize);
    member.context.set(window.subarray(vadWindowSamples - contextSamples));
  }
  const outputs = await session.run({
    input: new ort.Tensor('float32', input, [size, inputSamples]),
    state: new ort.Tensor('float32', state, [2, size, stateSize]),
    sr: new ort.Tensor('int64', BigInt64Array.of(BigInt(vadRateHz)), []),
  });
  const probabilities = outputs.output?.data as Float32Array;
  const next = outputs.stateN?.data as Float32Array;
  for (const [index, { id }] of batch.entries()) {
    const member = members[index] as Stream;
    for (const layer of [0, 1]) {
      const from = (layer * size + index) * stateSize;
      member.state.set(next.subarray(from, from + stateSize), layer * stateSize);
    }
    reply({ type: 'probability', id, probability: probabilities[index] ?? 0 });
  }
}

function streamOf(id: number): Stream {
  const known = streams.get(id);
  if (known) return known;
  const stream = { context: new Float32Array(contextSamples), state: new Float32Array(2 * stateSize) };
  streams.set(id, stream);
  return stream;
}

function reply(message: SileroReply): void {
  port?.postMessage(message);
}

port.on('message', (request: SileroRequest) => {
  if (request.type === 'forget') {
    streams.delete(request.stream);
    return;
  }
  waiting.push(request);
  if (!running) void drain();
});
await runBatch([{ type: 'window', stream: -1, id: -1, window: new Float32Array(vadWindowSamples) }]);
streams.delete(-1);
reply({ type: 'ready' });
