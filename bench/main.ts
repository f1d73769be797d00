import { Command, Option } from 'commander';
import { fail } from '../src/cli/fail.js';
import { apiOptions, benchApi } from './api.js';
import { apiTypesOptions, benchApiTypes } from './api-types.js';
import { benchCall, callOptions } from './call.js';
import { benchChaos, chaosOptions } from './chaos.js';
import { benchEndpointing } from './endpointing.js';
import { benchFallback, fallbackOptions } from './fallback.js';
import { benchLlm } from './llm.js';
import { benchLoad, loadOptions } from './load.js';
import { benchOverlap, overlapOptions } from './overlap.js';
import { benchRecording } from './recording.js';
import { benchSoak, soakOptions } from './soak.js';
import { benchStt, sttOptions } from './stt.js';
import { benchCommand } from './support/bench.js';
import { benchTts } from './tts.js';
import { benchTurns, turnsOptions } from './turns.js';
import { benchUneven, unevenOptions } from './uneven.js';

/** `npm run bench -- NAME`: each prints one table, and writes one JSON with `--json FILE`. */
const benches = [
  benchCommand({
    name: 'api',
    description: 'every layer at the socket, 1, 4 and 8 streams at once: first byte, first sound, final, first token',
    options: apiOptions,
    run: benchApi,
  }),
  benchCommand({
    name: 'api-types',
    description: 'the same recorded turns as managed agent, three modules joined by a client, and speech to speech',
    options: apiTypesOptions,
    run: benchApiTypes,
  }),
  benchCommand({
    name: 'call',
    description: 'whole calls over the socket: response latency, cut-offs, missed turns, replies scored against labels',
    options: callOptions,
    run: benchCall,
  }),
  benchCommand({
    name: 'chaos',
    description: 'calls while model hosts are killed and stopped: longest silences, lost calls',
    options: chaosOptions,
    run: benchChaos,
  }),
  benchCommand({
    name: 'endpointing',
    description:
      'the wait for the end of a turn against cut-off turns, tuned on half of the speakers, judged on the rest',
    options: [new Option('--cache <file>', 'keep what the ears heard here, and hear only what is not in it')],
    run: benchEndpointing,
  }),
  benchCommand({
    name: 'fallback',
    description: 'a remote voice or model is killed in the middle of a sentence: silences, words that are missing',
    options: fallbackOptions,
    run: benchFallback,
  }),
  benchCommand({
    name: 'llm',
    description:
      'prefill and decode speed, time to first token, aborts, two calls at once, JSON, tokens left at the end of speech',
    run: benchLlm,
  }),
  benchCommand({
    name: 'load',
    description: 'several calls at once: response latency against one call, refusals, processor time',
    options: loadOptions,
    run: benchLoad,
  }),
  benchCommand({
    name: 'overlap',
    description:
      'sounds over the agent: who lowers it, who stops it, how soon; backchannels, coughs, others, its own echo',
    options: overlapOptions,
    run: benchOverlap,
  }),
  benchCommand({
    name: 'recording',
    description: 'five minutes of speech in batch: words with times, progress, srt and vtt, and whether they agree',
    run: benchRecording,
  }),
  benchCommand({
    name: 'soak',
    description: 'many turns in one server: memory of every process, event-loop delay, open handles',
    options: soakOptions,
    run: benchSoak,
  }),
  benchCommand({
    name: 'stt',
    description:
      'the streaming recogniser: errors, stable words, word times, long utterances, sounds that are no speech',
    options: sttOptions,
    run: benchStt,
  }),
  benchCommand({
    name: 'tts',
    description: 'what the voice reads, how soon and how clearly it speaks, and how its clauses join',
    run: benchTts,
  }),
  benchCommand({
    name: 'turns',
    description:
      'turn-taking over the socket: pauses, numbers, yes and no, interruptions, backchannels, noises, other people, echo',
    options: turnsOptions,
    run: benchTurns,
  }),
  benchCommand({
    name: 'uneven',
    description: 'noise, distance and quiet callers, with and without automatic gain and noise suppression',
    options: unevenOptions,
    run: benchUneven,
  }),
];

const program = new Command('bench').description('measure Parley; each benchmark prints one table');
for (const bench of benches) program.addCommand(bench);
program.parseAsync().then(() => process.exit(process.exitCode), fail);
