import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { samplesOf } from '../../src/audio/frame.js';
import { gainOf, rmsEnvelope } from '../../src/audio/loudness.js';
import { writeWav } from '../../src/audio/wav.js';
import type { CallerClip } from '../../src/cli/call/clip.js';
import { runCall } from '../../src/cli/call/run-call.js';
import { nodeSockets } from '../../src/client/node-socket.js';
import { withParleyServer } from '../support/parley-server.js';
import { type DrillKind, replyOf, type ServiceNews, type ServiceOrder } from './plan.js';

const script = fileURLToPath(new URL('./service.ts', import.meta.url));
/** A circuit breaker that has opened lets one request through again after 10 s: each drill begins with one that trusts. */
const restMs = 11_000;
const hopMs = 10;
/** What is quieter is silence to a caller. */
const audibleGain = gainOf(-50);

export type Drill = {
  readonly kind: DrillKind;
  readonly file: string;
  /** What the remote model was to say. */
  readonly written: string;
  /** The service was killed while it served this turn. */
  readonly killed: boolean;
  /** End of the caller's speech to the first sound; null without an answer. */
  readonly responseLatencyMs: number | null;
  /** Longest silence between the first and the last sound of the answer, pauses between sentences included. */
  readonly longestSilenceMs: number | null;
  /** What the server says it has said. */
  readonly said: string;
  /** What is heard in the caller's recording of the answer. */
  readonly heard: string;
  readonly failure: string | null;
};

class Service {
  #child: ChildProcess | undefined;
  #port = 0;
  #dying = false;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/v1`;
  }

  get died(): boolean {
    return this.#dying;
  }

  /** At the port it had before, if any. */
  async start(): Promise<void> {
    this.#dying = false;
    const child = fork(script, [String(this.#port)], { execArgv: ['--import', 'tsx'] });
    this.#child = child;
    const [{ port }] = (await once(child, 'message')) as [Extract<ServiceNews, { port: number }>];
    this.#port = port;
    child.on('message', () => {
      this.#dying = true;
    });
  }

  async order(order: ServiceOrder): Promise<void> {
    await new Promise<void>((resolve) => this.#child?.send(order, () => resolve()));
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

/**
 * Calls to a server of their own, whose usual model and voice are on two remote services with the local engines behind
 * them. In each call one of the services is killed in the middle of the first sentence of an answer.
 */
export async function runDrills({
  kinds,
  clips,
  onProgress,
}: {
  readonly kinds: readonly DrillKind[];
  readonly clips: readonly CallerClip[];
  readonly onProgress: (line: string) => void;
}): Promise<Drill[]> {
  const services = { voice: new Service(), model: new Service() };
  const folder = await mkdtemp(join(tmpdir(), 'parley-fallback-'));
  const config = join(folder, 'parley.yaml');
  const drills: Drill[] = [];
  try {
    for (const service of Object.values(services)) await service.start();
    await writeFile(config, configOf(services));
    await withParleyServer({ maxCalls: 2, env: { PARLEY_CONFIG: config } }, async ({ host }) => {
      for (const kind of kinds)
        for (const clip of clips) {
          const written = replyOf(drills.length);
          for (const name of ['voice', 'model'] as const)
            await services[name].order({ dies: name === kind ? kind : undefined, reply: written });
          const drill = await oneDrill({ kind, clip, host, written, died: () => services[kind].died });
          drills.push(drill);
          onProgress(
            `${kind}: ${drill.killed ? 'killed' : 'NOT KILLED'}, longest silence ${drill.longestSilenceMs} ms: ${drill.heard}`,
          );
          await services[kind].stop();
          await services[kind].start();
          await sleep(restMs);
        }
    });
  } finally {
    for (const service of Object.values(services)) await service.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return drills;
}

function configOf({ voice, model }: Readonly<Record<DrillKind, Service>>): string {
  const yaml = {
    providers: {
      voices: { kind: 'openai', url: voice.url, models: { voice: { task: 'speak', voices: ['heart'] } } },
      models: { kind: 'openai', url: model.url, models: { model: { task: 'chat', context_tokens: 4_096 } } },
    },
    agent: { llm: ['models/model', 'local'], tts: ['voices/voice', 'local'] },
  };
  // JSON is YAML.
  return JSON.stringify(yaml);
}

async function oneDrill({
  kind,
  clip,
  host,
  written,
  died,
}: {
  readonly kind: DrillKind;
  readonly clip: CallerClip;
  readonly host: string;
  readonly written: string;
  readonly died: () => boolean;
}): Promise<Drill> {
  const result = await runCall({
    url: `ws://${host}/v1/realtime?model=parley`,
    openSocket: nodeSockets(),
    greeting: false,
    clips: [clip],
  });
  const [turn] = result.turns;
  const { rateHz } = result;
  const answer = result.agent.subarray(samplesOf(turn?.endMs ?? 0, rateHz));
  return {
    kind,
    file: clip.file,
    written,
    killed: died(),
    responseLatencyMs: turn?.responseLatencyMs ?? null,
    longestSilenceMs: longestSilenceMs(answer, rateHz),
    said: turn?.reply ?? '',
    heard: await transcribed(host, answer, rateHz),
    failure: result.failure?.message ?? null,
  };
}

function longestSilenceMs(samples: Float32Array, rateHz: number): number | null {
  const audible = [...rmsEnvelope(samples, rateHz, hopMs)].flatMap((level, hop) => (level > audibleGain ? [hop] : []));
  if (audible.length === 0) return null;
  let longest = 0;
  for (const [index, hop] of audible.entries()) longest = Math.max(longest, hop - (audible[index - 1] ?? hop) - 1);
  return longest * hopMs;
}

async function transcribed(host: string, samples: Float32Array, rateHz: number): Promise<string> {
  const form = new FormData();
  form.append('model', 'whisper-1');
  form.append('file', new Blob([writeWav([samples], rateHz)]), 'answer.wav');
  const answer = await fetch(`http://${host}/v1/audio/transcriptions`, { method: 'POST', body: form });
  const { text } = (await answer.json()) as { readonly text?: string };
  return text ?? '';
}
