import { join } from 'node:path';
import { resample } from '../src/audio/resample.js';
import { EventLog, eventLogSchema } from '../src/conversation/event-log.js';
import { noPhrases } from '../src/conversation/phrases.js';
import { CallSession } from '../src/conversation/session.js';
import { defaultTurnSettings } from '../src/conversation/turn/settings.js';
import { systemClock } from '../src/observability/system-clock.js';
import { EventQueue } from '../src/ports/event-queue.js';
import type { Transport, TransportInput } from '../src/ports/transport.js';
import { ScriptedBrain } from '../src/testing/scripted-brain.js';
import { normVersion } from './scoring/normalize-english.js';
import { type Transcription, wordErrorRate } from './scoring/wer.js';
import { startEars } from './support/engines.js';
import { audioDir, readMono, readTable } from './support/recordings.js';
import type { BenchResult } from './support/report.js';

const rateHz = 16_000;
const frameSamples = 320;
/** Behind each recording, so that its last turn ends: the quietest part of the recording itself. */
const tailMs = 3_500;
/** Recordings at once: real callers also share the machine. */
const atOnce = 2;

/** Word error rate as a caller meets it: audio at real time through voice activity, turns and the streaming recogniser. */
export async function benchStt(flags: { readonly audio?: string; readonly limit?: number }): Promise<BenchResult> {
  const dir = join(audioDir(flags.audio), 'librispeech-other');
  const rows = (await readTable(join(dir, 'transcripts.tsv'))).slice(0, flags.limit);
  const ears = await startEars();
  const results: (Transcription & { readonly file: string; readonly turns: number; readonly partials: number })[] = [];
  const queue = [...rows];
  try {
    const worker = async (): Promise<void> => {
      for (let row = queue.shift(); row; row = queue.shift()) {
        const { file = '', transcript = '' } = row;
        const audio = await readMono(join(dir, file));
        const heard = await listenTo(await resample(audio.samples, audio.rateHz, rateHz), ears);
        results.push({ file, reference: transcript, ...heard });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  } finally {
    await ears.close();
  }
  const report = wordErrorRate(results);
  const churn = results.reduce((sum, { partials }) => sum + partials, 0) / results.length;
  return {
    title: 'Streaming speech to text, LibriSpeech test-other, real-time pace',
    rows: [
      {
        n: results.length,
        'WER %': (100 * (report.wer ?? 1)).toFixed(2),
        'perfect %': (100 * (report.perfect_rate ?? 0)).toFixed(0),
        S: report.substitutions,
        D: report.deletions,
        I: report.insertions,
        words: report.referenceWords,
        'partials per utterance': churn.toFixed(1),
        'turns per utterance': (results.reduce((sum, { turns }) => sum + turns, 0) / results.length).toFixed(2),
      },
    ],
    notes: [`Normaliser ${normVersion}; ${atOnce} recordings at once; turns of one recording are joined.`],
    details: results,
  };
}

type Ears = Awaited<ReturnType<typeof startEars>>;

async function listenTo(
  samples: Float32Array,
  ears: Ears,
): Promise<{ hypothesis: string; turns: number; partials: number }> {
  const input = new EventQueue<TransportInput>();
  const transport: Transport = {
    input,
    outputRateHz: ears.tts.rateHz,
    playout: { ack: 'none', leadMs: 80, latencyMs: 0, clear: () => {} },
    send: () => {},
    hangUp: (reason) => {
      input.push({ type: 'closed', reason });
      input.end();
    },
  };
  const callId = 'bench';
  const signal = new AbortController().signal;
  const brain = await new ScriptedBrain({ clock: systemClock, answer: () => '' }).begin({ callId, signal });
  const settings = { ...defaultTurnSettings, respond: false };
  const texts: string[] = [];
  let partials = 0;
  const session = new CallSession({
    callId,
    transport,
    engines: ears,
    brain,
    voice: 'heart',
    speed: 1,
    settings,
    phrases: noPhrases(),
    greet: false,
    clock: systemClock,
    outputResampler: undefined,
    holdBackground: () => ears.governor.hold(),
    recorder: undefined,
    log: new EventLog(
      { write: () => {} },
      { schema: eventLogSchema, callId, startedAt: '', settings, modelHashes: {} },
    ),
    observer: (event) => {
      if (event.type === 'turn-committed') texts.push(event.text);
      else if (event.type === 'partial') partials += 1;
    },
  });
  const running = session.run();
  const startedMs = performance.now();
  const tail = quietest(samples);
  const total = samples.length + (tailMs * rateHz) / 1000;
  for (let at = 0; at < total; at += frameSamples) {
    const frame = new Float32Array(frameSamples);
    for (let i = 0; i < frameSamples; i++)
      frame[i] = at + i < samples.length ? (samples[at + i] as number) : (tail[(at + i) % tail.length] as number);
    input.push({ type: 'audio', frame: { samples: frame, rateHz } });
    const waitMs = startedMs + ((at + frameSamples) / rateHz) * 1000 - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  session.controls.hangUp('end of recording');
  await running;
  return { hypothesis: texts.join(' '), turns: texts.length, partials };
}

/** The quietest 200 ms of a recording. */
function quietest(samples: Float32Array): Float32Array {
  const length = rateHz / 5;
  let best = samples.subarray(0, length);
  let bestEnergy = Number.POSITIVE_INFINITY;
  for (let at = 0; at + length <= samples.length; at += length / 4) {
    const part = samples.subarray(at, at + length);
    const energy = part.reduce((sum, sample) => sum + sample * sample, 0);
    if (energy < bestEnergy) {
      bestEnergy = energy;
      best = part;
    }
  }
  return best;
}
