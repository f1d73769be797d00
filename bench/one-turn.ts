/** One turn without a server: a recorded question in, a spoken answer out. `tsx bench/one-turn.ts IN.wav|IN.flac OUT.wav` */
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readFlac } from '../src/audio/flac.js';
import { concatSamples } from '../src/audio/frame.js';
import { resample } from '../src/audio/resample.js';
import { monoOf, readWav, writeWav } from '../src/audio/wav.js';
import { HibariTextToSpeech } from '../src/engines/hibari/client.js';
import { ComputeGovernor } from '../src/engines/host/governor.js';
import { LlamaLanguageModel } from '../src/engines/llama/client.js';
import { MoonshineSpeechToText } from '../src/engines/moonshine/client.js';
import { SileroVoiceActivity } from '../src/engines/silero/client.js';
import { EventQueue } from '../src/ports/event-queue.js';
import type { SpeechToTextInput } from '../src/ports/speech-to-text.js';

const [input, output] = process.argv.slice(2);
if (!input || !output) throw new Error('Usage: one-turn IN.wav|IN.flac OUT.wav');
const models = join(process.env.PARLEY_CACHE_DIR ?? join(homedir(), '.cache/parley'), 'models');
const bytes = new Uint8Array(await readFile(input));
const recording = input.endsWith('.flac') ? await readFlac(bytes) : readWav(bytes);
const samples = await resample(monoOf(recording.channels), recording.rateHz, 16_000);

const governor = new ComputeGovernor();
const { signal } = new AbortController();
const vad = new SileroVoiceActivity({ modelPath: join(models, 'silero-vad/silero_vad.onnx') });
const stt = new MoonshineSpeechToText({ modelDir: join(models, 'moonshine-tiny-en'), governor });
const llm = new LlamaLanguageModel({
  modelPath: join(models, 'qwen2.5-coder-1.5b-instruct/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf'),
  stateDir: join(models, '../kv'),
  governor,
});
const tts = new HibariTextToSpeech({ modelDir: join(models, 'hibari'), governor });
await Promise.all([vad.start(), stt.start(), llm.start(), tts.start()]);

const windows = vad.open({ callId: 'one-turn' });
let lastSpeech = 0;
for (let at = 0; at + 512 <= samples.length; at += 512)
  if ((await windows.push(samples.slice(at, at + 512))) > 0.5) lastSpeech = at + 512;
const queue = new EventQueue<SpeechToTextInput>();
queue.push({ type: 'start', utterance: 1 });
queue.push({ type: 'audio', samples: samples.slice(0, lastSpeech + 1_600) });
queue.push({ type: 'freeze', utterance: 1, request: 1 });
let heard = '';
for await (const event of stt.listen({ callId: 'one-turn', input: queue, signal })) {
  if (event.type === 'error') throw event.error;
  if (event.type === 'final') {
    heard = event.text;
    break;
  }
}
console.log(`caller: ${heard}`);
const system =
  'You are Ava, who takes orders at a coffee shop by phone. What you write is spoken: one or two short sentences in plain words. Repeat the order back.';
const context = await llm.open({ system, examples: [] }, { callId: 'one-turn', signal });
await context.extend({ role: 'user', text: heard }, { signal, defer: true });
let reply = '';
for await (const event of context.generate({ signal, maxTokens: 60, stop: ['\n'] }))
  if (event.type === 'text') reply += event.text;
console.log(`agent: ${reply}`);
const parts: Float32Array[] = [];
for await (const event of tts.speak({ text: reply, voice: 'heart', signal }))
  if (event.type === 'audio') parts.push(event.samples);
await writeFile(output, writeWav([concatSamples(parts)], 24_000, { bitDepth: 16 }));
await Promise.all([vad.close(), stt.close(), llm.close(), tts.close()]);
