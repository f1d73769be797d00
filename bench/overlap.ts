import { Option } from 'commander';
import { defaultAgent } from '../src/agents/default-agent.js';
import { defaultTurnSettings } from '../src/conversation/turn/settings.js';
import { makeKinds } from './overlap/kinds.js';
import { gapFromMs, type Outcome, rowOf } from './overlap/outcomes.js';
import { type Latencies, rehearse } from './overlap/rehearsal.js';
import { openTranscriber } from './overlap/transcriber.js';
import type { BenchFlags } from './support/bench.js';
import { startEars } from './support/engines.js';
import { audioDir } from './support/recordings.js';
import type { BenchResult, Row } from './support/report.js';

export type OverlapFlags = BenchFlags & { readonly only?: string };

export const overlapOptions = [new Option('--only <text>', 'try only the sounds whose names contain this')];

/**
 * Sounds over the agent's speech, through the real voice detector and recogniser, in audio time: who lowers it, who stops
 * it, how soon, and what comes back.
 */
export async function benchOverlap(flags: OverlapFlags): Promise<BenchResult> {
  const dir = audioDir(flags.audio);
  const ears = await startEars();
  const rows: Row[] = [];
  const details: unknown[] = [];
  try {
    const transcriber = openTranscriber(ears.stt, defaultAgent.keywords);
    const kinds = await makeKinds(dir, ears.tts, flags.limit ?? 30);
    for (const kind of kinds.filter(({ name }) => name.includes(flags.only ?? ''))) {
      const outcomes: Outcome[] = [];
      for (const trial of kind.trials) {
        const vad = ears.vad.open({ callId: trial.name });
        const rehearsed = await rehearse(trial, { vad, ...transcriber }, defaultTurnSettings, latencies);
        vad.close();
        outcomes.push({ trial: trial.name, onsetMs: trial.onsetMs, firstWordMs: trial.firstWordMs, ...rehearsed });
      }
      rows.push(rowOf(kind, outcomes));
      details.push({ kind: kind.name, outcomes });
    }
    transcriber.close();
  } finally {
    await ears.close();
  }
  return {
    title: 'Sounds over the agent, in audio time',
    rows,
    notes: [
      `Words are taken to come ${latencies.partialMs} ms after they are asked for, transcripts ${latencies.finalMs} ms; the rest of the computing takes no time here.`,
      `Heard: at the far end, which plays what was sent. A gap: the agent was silent for more than ${gapFromMs} ms and went on.`,
      'Orders, readers, other speakers and kitchen are recordings; a caller at -10 dB is that much quieter over the agent than in the turn before, where an order is the same recording; acknowledgements are turns of a meeting of at most 0.7 s; backchannels and stop words are our voice in several sizes and changed voices; hums, coughs and knocks are made.',
    ],
    details,
  };
}

/**
 * Of the recogniser in calls on an idle machine, from being asked until the words are told: 96 looks at overlaps took 45 ms
 * (P50), 54 (P75) and 70 (P90), other work on the cores included.
 */
const latencies: Latencies = { partialMs: 60, finalMs: 120 };
