import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodePcm16, encodePcm16 } from '../../src/audio/pcm.js';
import type { ConformanceCase, ConformanceClient, Surroundings } from '../case.js';
import { assertHas, assertSaid, assertWords } from '../checks.js';
import { capital } from '../questions.js';

const version = '5.5.0';
const script = fileURLToPath(new URL('./smallestai-python.py', import.meta.url));
const run = promisify(execFile);
const installMs = 300_000;
const rateHz = 24_000;

type Answer = {
  readonly text?: string;
  readonly words?: readonly string[];
  readonly voices?: readonly string[];
  readonly listed?: boolean;
  readonly deleted?: boolean;
};

/** Outside the repository, so that it is installed once. */
const folder = join(
  process.env.PARLEY_CACHE_DIR || join(homedir(), '.cache', 'parley'),
  'conformance',
  `smallestai-${version}`,
);
const python = join(folder, 'bin/python');
const pip = join(folder, 'bin/pip');

async function install(): Promise<void> {
  if (existsSync(join(folder, 'installed'))) return;
  await rm(folder, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', folder], { timeout: installMs });
  await run(pip, ['install', '--quiet', '--disable-pip-version-check', `smallestai==${version}`], {
    timeout: installMs,
  });
  await writeFile(join(folder, 'installed'), '');
}

async function answerOf(
  call: string,
  at: Surroundings,
  signal: AbortSignal,
): Promise<{ readonly answer: Answer; readonly samples: Float32Array }> {
  const own = await mkdtemp(join(tmpdir(), 'parley-python-'));
  try {
    await writeFile(join(own, 'sentence.wav'), at.material.sentenceWav);
    await writeFile(join(own, 'sentence.pcm'), encodePcm16(at.material.sentence.samples));
    const env = {
      ...process.env,
      PARLEY: at.url,
      KEY: at.apiKey,
      TEXT: at.material.text,
      SSL_CERT_FILE: at.caFile,
      WEBSOCKET_CLIENT_CA_BUNDLE: at.caFile,
    };
    const { stdout } = await run(python, [script, call, own], { env, signal }).catch(
      (error: Error & { readonly stderr?: string }) => {
        throw new Error(error.stderr?.trim().split('\n').at(-1) ?? error.message);
      },
    );
    const audio = join(own, 'audio.pcm');
    const samples = existsSync(audio) ? decodePcm16(await readFile(audio)) : new Float32Array(0);
    return { answer: JSON.parse(stdout) as Answer, samples };
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

const speaks = (call: string): ConformanceCase => ({
  name: call,
  attempt: async (at, signal) => {
    const { samples } = await answerOf(call, at, signal);
    await assertSaid(at, { samples, rateHz }, at.material.text);
  },
});

const answers = (call: string, check: (answer: Answer, at: Surroundings) => void): ConformanceCase => ({
  name: call,
  attempt: async (at, signal) => check((await answerOf(call, at, signal)).answer, at),
});

const hears = ({ text = '' }: Answer, { material }: Surroundings): void => assertWords(text, material.sentence.text);
const hearsWords = (answer: Answer, at: Surroundings): void => {
  hears(answer, at);
  assertWords(answer.words?.join(' ') ?? '', at.material.sentence.text);
};

/** Smallest.ai's package for Python, told nothing but another address. */
export const smallestPython: ConformanceClient = {
  name: 'smallestai (Python)',
  fetched: true,
  version: async () => {
    try {
      await install();
      return { version };
    } catch (error) {
      return { unavailable: `pip cannot install smallestai ${version}: ${(error as Error).message.split('\n')[0]}` };
    }
  },
  broken: {
    synthesize_sse_tts:
      'the package declares events as texts, parses each as an object, and drops every event of the documented form',
  },
  cases: [
    speaks('synthesize_tts'),
    speaks('WavesStreamingTTS.synthesize'),
    speaks('WavesStreamingTTS.synthesize_streaming'),
    answers('speech_to_text.transcribe pulse', hearsWords),
    answers('speech_to_text.transcribe pulse-pro', hearsWords),
    answers('speech_to_text.stream', hears),
    answers('electron.complete', ({ text = '' }) => assertHas(text, capital.answer)),
    answers('get_voices', ({ voices = [] }) => assert.ok(voices.length > 0)),
    answers('pronunciation dictionaries', (answer) => assert.deepEqual(answer, { listed: true, deleted: true })),
  ],
};
