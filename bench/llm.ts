import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultAgent } from '../src/agents/default-agent.js';
import { PromptBrain, promptPrefix } from '../src/agents/prompt-brain.js';
import { percentile } from '../src/analyser/statistics.js';
import { resample } from '../src/audio/resample.js';
import { ComputeGovernor } from '../src/engines/host/governor.js';
import { LlamaLanguageModel } from '../src/engines/llama/client.js';
import { MoonshineSpeechToText } from '../src/engines/moonshine/client.js';
import { ensureModels } from '../src/models/fetch.js';
import type { BrainSession } from '../src/ports/brain.js';
import { EventQueue } from '../src/ports/event-queue.js';
import { fitsJsonSchema, readJsonSchema } from '../src/ports/json-schema.js';
import type { GenerateEvent, GenerateOptions, LanguageModelContext } from '../src/ports/language-model.js';
import type { SpeechToText, SpeechToTextInput } from '../src/ports/speech-to-text.js';
import { readSettings } from '../src/settings/settings.js';
import { jsonOrderSchema, longText, spokenTurns } from './llm-texts.js';
import { audioDir, readMono, readSpeechTable, type SpeechRow } from './support/recordings.js';
import type { BenchResult, Row } from './support/report.js';

const modelId = 'qwen2.5-coder-1.5b-instruct';
const { signal } = new AbortController();
const rateHz = 16_000;
const frameSamples = 512;
/** Of silence behind the speech before the transcript is asked for. */
const freezeAfterMs = 96;
const prefills = 5;
const abortedPrefills = 20;

type Flags = { readonly audio?: string; readonly limit?: number };
type Model = { readonly threads: number; readonly model: LlamaLanguageModel; readonly governor: ComputeGovernor };

/** What the language model costs, alone on the machine; and what an order that is heard leaves to compute. */
export async function benchLlm(flags: Flags): Promise<BenchResult> {
  const { cacheDir } = readSettings(process.env);
  const models = await ensureModels({ cacheDir, models: [modelId, 'moonshine-tiny-en'] });
  const modelPath = join(models[modelId].dir, `${modelId}-q4_k_m.gguf`);
  const rows: Row[] = [];
  const details: unknown[] = [];
  for (const threads of [1, 2]) {
    const stateDir = await mkdtemp(join(tmpdir(), 'parley-bench-'));
    const governor = new ComputeGovernor({ cores: threads });
    const model = new LlamaLanguageModel({ modelPath, stateDir, governor });
    await model.start();
    const on: Model = { threads, model, governor };
    try {
      const add = (what: string, unit: string, values: readonly number[], digits = 0): void => {
        rows.push(row(what, unit, threads, values, digits));
        details.push({ what, unit, threads, values });
      };
      await model.warm(promptPrefix(defaultAgent), signal);
      const turns = spokenTurns.slice(0, flags.limit);
      const speed = await speeds(on, turns);
      add('prefill', 'tok/s', speed.prefill, 1);
      add('decode', 'tok/s', speed.decode, 1);
      add('first token, prompt cached', 'ms', speed.fresh);
      add('first token, partials computed ahead', 'ms', speed.ahead);
      add('abort of a prefill to idle', 'ms', await aborts(on, Math.min(abortedPrefills, 2 * turns.length)));
      if (threads === 1) continue;
      const together = await twoAtOnce(on, turns);
      add('decode, two calls at once, each', 'tok/s', together.decode, 1);
      add('first token, two calls at once', 'ms', together.firstTokenMs);
      const json = await jsonOrders(on, turns);
      add(`JSON by grammar (${json.valid} of ${json.ms.length} valid)`, 'ms', json.ms);
      add('tokens of that JSON', 'tokens', json.tokens);
      const stt = new MoonshineSpeechToText({ modelDir: models['moonshine-tiny-en'].dir, governor });
      await stt.start();
      try {
        const heard = await orders(on, stt, flags);
        add(
          'computed after the end of speech, orders',
          'tokens',
          heard.map((order) => order.computedTokens),
        );
        add(
          'first token after the transcript, orders',
          'ms',
          heard.map((order) => order.firstTokenMs),
        );
        details.push(heard);
      } finally {
        await stt.close();
      }
    } finally {
      await model.close();
      await rm(stateDir, { recursive: true, force: true });
    }
  }
  return {
    title: `Language model (${modelId}, Q4_K_M) with the default agent's prompt`,
    rows,
    notes: [
      'Partials ahead: all words but the last two were computed while they were spoken. Orders: recordings at real-time pace through the recogniser, computed from its own partials.',
      'Abort to idle: from the abort of a running prefill to the end of the slice it was at.',
    ],
    details,
  };
}

function row(what: string, unit: string, threads: number, values: readonly number[], digits: number): Row {
  const at = (p: number): string => (values.length > 0 ? percentile(values, p).toFixed(digits) : '–');
  // Of a speed the slow end is what matters.
  return { what, threads, unit, n: values.length, P50: at(50), P95: at(unit === 'tok/s' ? 5 : 95) };
}

async function withContext<T>(
  model: LlamaLanguageModel,
  use: (context: LanguageModelContext) => Promise<T>,
): Promise<T> {
  const context = await model.open(promptPrefix(defaultAgent), { callId: 'bench', signal });
  try {
    return await use(context);
  } finally {
    context.close();
  }
}

async function speeds({ model }: Model, turns: readonly string[]) {
  const [prefill, decode, fresh, ahead]: [number[], number[], number[], number[]] = [[], [], [], []];
  await withContext(model, async (root) => {
    await reply(root, turns[0] ?? 'Hello.', { maxTokens: 1 });
    for (let i = 0; i < Math.min(prefills, turns.length); i++) {
      const context = root.fork();
      const startedMs = performance.now();
      const { computedTokens } = await context.extend({ role: 'user', text: `${i} ${longText}` }, { signal });
      prefill.push(computedTokens / ((performance.now() - startedMs) / 1000));
    }
    for (const text of turns) {
      const whole = await reply(root, text, { maxTokens: 24 });
      fresh.push(whole.finish.firstTokenMs);
      if (whole.finish.newTokens > 4)
        decode.push((whole.finish.newTokens - 1) / ((whole.ms - whole.finish.firstTokenMs) / 1000));
      await reply(root, 'Something else came in between.', { maxTokens: 1 });
      const partial = text.split(' ').slice(0, -2).join(' ');
      await root.fork().extend({ role: 'user', text: partial }, { signal, open: true, urgency: 'partial' });
      ahead.push((await reply(root, text, { maxTokens: 1 })).finish.firstTokenMs);
    }
  });
  return { prefill, decode, fresh, ahead };
}

async function aborts({ model }: Model, count: number): Promise<number[]> {
  const spent: number[] = [];
  await withContext(model, async (root) => {
    await reply(root, 'Hello.', { maxTokens: 1 });
    for (let i = 0; i < count; i++) {
      const abort = new AbortController();
      const options = { signal: abort.signal, open: true, urgency: i % 2 ? 'turn' : 'partial' } as const;
      const computing = root.fork().extend({ role: 'user', text: `${i} ${longText}` }, options);
      computing.catch(() => {});
      // Spread over whatever a slice takes.
      await new Promise((resolve) => setTimeout(resolve, 60 + 17 * i));
      const startedMs = performance.now();
      abort.abort(new Error('given up'));
      await computing.then(
        () => {
          throw new Error('the prefill was over before it was aborted: its text is too short');
        },
        () => {},
      );
      spent.push(performance.now() - startedMs);
    }
  });
  return spent;
}

async function twoAtOnce({ model }: Model, turns: readonly string[]) {
  const decode: number[] = [];
  const firstTokenMs: number[] = [];
  await withContext(model, (one) =>
    withContext(model, async (two) => {
      for (const context of [one, two]) await reply(context, 'Hello.', { maxTokens: 1 });
      for (let i = 0; i + 1 < turns.length; i += 2) {
        const both = await Promise.all(
          [one, two].map((context, k) => reply(context, turns[i + k] ?? '', { maxTokens: 24 })),
        );
        for (const { finish, ms } of both) {
          firstTokenMs.push(finish.firstTokenMs);
          if (finish.newTokens > 4) decode.push((finish.newTokens - 1) / ((ms - finish.firstTokenMs) / 1000));
        }
      }
    }),
  );
  return { decode, firstTokenMs };
}

async function jsonOrders({ model }: Model, turns: readonly string[]) {
  const schema = readJsonSchema(jsonOrderSchema);
  const ms: number[] = [];
  const tokens: number[] = [];
  let valid = 0;
  await withContext(model, async (root) => {
    for (const text of turns) {
      const said = `${text} Answer only with the order as JSON.`;
      const { finish, ms: spent } = await reply(root, said, { maxTokens: 120, json: jsonOrderSchema });
      if (finish.reason === 'end' && fitsJsonSchema(finish.json, schema)) valid += 1;
      ms.push(spent);
      tokens.push(finish.newTokens);
    }
  });
  return { valid, ms, tokens };
}

type Finish = Extract<GenerateEvent, { type: 'finish' }>;

async function reply(
  root: LanguageModelContext,
  text: string,
  options: Omit<GenerateOptions, 'signal'>,
): Promise<{ text: string; finish: Finish; ms: number }> {
  const context = root.fork();
  const startedMs = performance.now();
  await context.extend({ role: 'user', text }, { signal, defer: true });
  let written = '';
  for await (const event of context.generate({ signal, ...options })) {
    if (event.type === 'text') written += event.text;
    else return { text: written, finish: event, ms: performance.now() - startedMs };
  }
  throw new Error('a reply ended without its finish');
}

type HeardOrder = {
  readonly file: string;
  readonly partials: readonly string[];
  readonly final: string;
  readonly reply: string;
  readonly computedTokens: number;
  readonly firstTokenMs: number;
};

/** Recorded orders, heard in pieces by a brain that computes ahead, then answered. */
async function orders({ model }: Model, stt: SpeechToText, flags: Flags): Promise<HeardOrder[]> {
  const dir = join(audioDir(flags.audio), 'coffee-orders');
  const rows = (await readSpeechTable(dir)).filter(({ startMs, endMs }) => endMs - startMs > 1_500);
  const heard: HeardOrder[] = [];
  for (const recording of rows.slice(0, flags.limit ?? 20)) {
    const brain = await new PromptBrain({ model, agent: defaultAgent }).begin({ callId: recording.file, signal });
    try {
      heard.push(await order(brain, stt, dir, recording));
    } finally {
      brain.close();
    }
  }
  return heard;
}

async function order(brain: BrainSession, stt: SpeechToText, dir: string, recording: SpeechRow): Promise<HeardOrder> {
  const { file, startMs, endMs } = recording;
  const { samples, rateHz: recordedHz } = await readMono(join(dir, file));
  const audio = await resample(samples, recordedHz, rateHz);
  const input = new EventQueue<SpeechToTextInput>();
  const partials: string[] = [];
  const listening = (async (): Promise<string> => {
    for await (const event of stt.listen({ callId: file, input, signal })) {
      if (event.type === 'error') throw event.error;
      if (event.type === 'final') return event.text;
      if (event.type !== 'partial') continue;
      partials.push(event.text);
      brain.hear(event.text);
    }
    throw new Error('the recogniser gave no final transcript');
  })();
  input.push({ type: 'start', utterance: 1 });
  const from = (Math.max(0, startMs - 300) * rateHz) / 1000;
  const to = ((endMs + freezeAfterMs) * rateHz) / 1000;
  const startedMs = performance.now();
  for (let at = from; at < to; at += frameSamples) {
    input.push({ type: 'audio', samples: audio.slice(at, Math.min(to, at + frameSamples)) });
    const waitMs = startedMs + ((at + frameSamples - from) / rateHz) * 1000 - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  input.push({ type: 'freeze', utterance: 1, request: 1 });
  const final = await listening;
  input.end();
  let text = '';
  for await (const event of brain.draft({ turn: 1, revision: 1, text: final }, signal)) {
    if (event.type === 'say') text += event.text;
    else if (event.type === 'usage') {
      const { computedTokens, firstTokenMs } = event;
      return { file, partials, final, reply: text, computedTokens, firstTokenMs };
    }
  }
  throw new Error('the brain did not tell what its reply cost');
}
