import { join } from 'node:path';
import { Option } from 'commander';
import { requestChat } from './api/chat-request.js';
import { type Measure, measures, planStreams, streamLevels } from './api/plan.js';
import { apiReport, type LevelOutcome } from './api/report.js';
import { requestSpeech } from './api/speech-request.js';
import { openStreams } from './api/streams-job.js';
import { shortOrders } from './load/levels.js';
import { roundTripSentences } from './sentences.js';
import { type BenchFlags, wholeNumber } from './support/bench.js';
import { withParleyServer } from './support/parley-server.js';
import { audioDir, readSpeechTable } from './support/recordings.js';
import type { BenchResult } from './support/report.js';

export type ApiFlags = BenchFlags & {
  readonly quick?: true;
  readonly seed: number;
  readonly only?: Measure;
};

/** What people ask, each in a few words: every reply has its prompt to read first. */
const questions: readonly string[] = [
  'What is the capital of Portugal?',
  'Name three fruits that are red.',
  'How do I boil an egg?',
  'What is seven times eight?',
  'Say hello in a friendly way.',
  'Which is larger, a cat or a horse?',
  'What is the opposite of early?',
  'Give me a word that rhymes with light.',
  'What day comes after Tuesday?',
  'Tell me one use of a hammer.',
  'What colour is the sky at noon?',
  'How many minutes are in two hours?',
];

export const apiOptions = [
  new Option('--quick', 'a few requests of each kind: whether everything works'),
  new Option('--seed <n>', 'the order of texts and recordings').argParser(wholeNumber).default(5),
  new Option('--only <measure>', 'one kind of request only').choices(measures),
];

/** Every layer by itself as clients meet it, at their sockets, with 1, 4 and 8 streams at once, on one server. */
export async function benchApi(flags: ApiFlags): Promise<BenchResult> {
  const ordersDir = join(audioDir(flags.audio), 'coffee-orders');
  const orders = shortOrders(await readSpeechTable(ordersDir), flags.limit);
  const inputs: Readonly<Record<Measure, readonly string[]>> = {
    speech: roundTripSentences.slice(0, flags.limit),
    endpointed: orders,
    committed: orders,
    chat: questions.slice(0, flags.limit),
  };
  const levels = streamLevels(flags.only ? [flags.only] : measures, flags.quick === true);
  const maxCalls = Math.max(...levels.map(({ streams }) => streams));
  const outcomes = await withParleyServer({ maxCalls, env: { PARLEY_SELF_TEST: 'off' } }, async ({ host }) => {
    const done: LevelOutcome[] = [];
    const first = [await requestSpeech(host, 'This is the first text.'), await requestChat(host, 'Are you there?')];
    for (const level of levels) {
      process.stderr.write(`${level.measure}, ${level.streams} at once\n`);
      const { streams } = await openStreams({ host, plan: planStreams(level, inputs, flags.seed), ordersDir });
      done.push({ level, streams });
    }
    return { done, first };
  });
  return apiReport(
    outcomes,
    `API: layers at the socket, 1, 4 and 8 streams at once, on a server with places for ${maxCalls} calls; seed ${flags.seed}`,
  );
}
