import { join } from 'node:path';
import { percentile } from '../src/analyser/statistics.js';
import { resample } from '../src/audio/resample.js';
import { transcribeSamples } from '../src/conversation/listen/transcribe-samples.js';
import { reduceTurn } from '../src/conversation/turn/machine.js';
import { defaultTurnSettings, type EndpointingSettings } from '../src/conversation/turn/settings.js';
import { initialTurnState } from '../src/conversation/turn/state.js';
import { waitingTime } from '../src/conversation/turn/waiting-time.js';
import { vadWindowMs, vadWindowSamples } from '../src/ports/voice-activity.js';
import { startEars } from './support/engines.js';
import { audioDir, readMono, readSpeechTable } from './support/recordings.js';
import type { BenchResult, Row } from './support/report.js';

/** A silence in a turn: what the model said when it was suspected to be the end, and how long it became. */
type Pause = {
  readonly probability: number;
  readonly durationMs: number;
  readonly final: boolean;
  readonly offsetMs: number;
  readonly text: string;
};
type Utterance = { readonly set: string; readonly file: string; readonly pauses: readonly Pause[] };

const preRollMs = 800;
const tailMs = 1_500;

/** How long the turn machine would wait, and whom it would cut off, over recorded utterances with labelled ends. */
export async function benchEndpointing(flags: {
  readonly audio?: string;
  readonly limit?: number;
}): Promise<BenchResult> {
  const dir = audioDir(flags.audio);
  const ears = await startEars();
  const utterances: Utterance[] = [];
  try {
    for (const set of ['coffee-orders', 'librispeech-other'])
      for (const row of (await readSpeechTable(join(dir, set))).slice(0, flags.limit)) {
        const { samples, rateHz } = await readMono(join(dir, set, row.file));
        const at16k = await resample(samples, rateHz, 16_000);
        utterances.push({ set, file: row.file, pauses: await pausesOf(at16k, row.endMs, ears) });
      }
  } finally {
    await ears.close();
  }
  const rows: Row[] = [];
  const shipped = defaultTurnSettings.endpointing;
  for (const set of ['coffee-orders', 'librispeech-other']) {
    const group = utterances.filter((each) => each.set === set);
    rows.push({ set, curve: describeCurve(shipped), ...judge(group, shipped) });
  }
  const tuned = tune(utterances.filter((_, index) => index % 2 === 1));
  rows.push({ set: 'all, shipped', curve: describeCurve(shipped), ...judge(utterances, shipped) });
  rows.push({
    set: 'odd half, tuned on it',
    curve: describeCurve(tuned),
    ...judge(
      utterances.filter((_, index) => index % 2 === 1),
      tuned,
    ),
  });
  rows.push({
    set: 'even half, held out',
    curve: describeCurve(tuned),
    ...judge(
      utterances.filter((_, index) => index % 2 === 0),
      tuned,
    ),
  });
  return {
    title: 'Endpointing: waiting time against cut-off turns',
    rows,
    notes: [
      'A turn is cut off when a pause inside it outlasts the wait. Delay is from the labelled end of speech to the decision.',
    ],
    details: utterances,
  };
}

function describeCurve(settings: EndpointingSettings): string {
  return `${settings.minWaitMs}-${settings.maxWaitMs} ms, midpoint ${settings.midpoint}, steepness ${settings.steepness}`;
}

function judge(utterances: readonly Utterance[], settings: EndpointingSettings): Row {
  let cut = 0;
  const delays: number[] = [];
  for (const { pauses } of utterances) {
    const wait = (pause: Pause): number =>
      waitingTime({ looks: [{ silenceMs: 96, probability: pause.probability }], text: pause.text }, settings).waitMs;
    if (pauses.some((pause) => !pause.final && pause.durationMs > wait(pause))) cut += 1;
    const last = pauses.at(-1);
    if (last?.final) delays.push(wait(last) + last.offsetMs);
  }
  return {
    n: utterances.length,
    'cut off %': ((100 * cut) / Math.max(1, utterances.length)).toFixed(1),
    'delay P50 ms': percentile(delays, 50).toFixed(0),
    'delay mean ms': (delays.reduce((sum, delay) => sum + delay, 0) / delays.length).toFixed(0),
    'delay P95 ms': percentile(delays, 95).toFixed(0),
  };
}

/** The fastest curve that cuts off at most 4 % of the turns. */
function tune(utterances: readonly Utterance[]): EndpointingSettings {
  let best: EndpointingSettings = defaultTurnSettings.endpointing;
  let bestMean = Number.POSITIVE_INFINITY;
  for (const minWaitMs of [420, 500, 600, 700, 800])
    for (const maxWaitMs of [1_200, 1_400, 1_600, 2_000])
      for (const midpoint of [0.5, 0.6, 0.7, 0.8, 0.9])
        for (const steepness of [4, 6, 9, 12]) {
          const settings = { ...defaultTurnSettings.endpointing, minWaitMs, maxWaitMs, midpoint, steepness };
          const { 'cut off %': cut, 'delay mean ms': mean } = judge(utterances, settings);
          if (Number(cut) > 4 || Number(mean) >= bestMean) continue;
          best = settings;
          bestMean = Number(mean);
        }
  return best;
}

type Ears = Awaited<ReturnType<typeof startEars>>;

/** Runs the turn machine over a recording that nobody answers, and notes every silence that it suspects. */
async function pausesOf(samples: Float32Array, endMs: number, ears: Ears): Promise<Pause[]> {
  const { signal } = new AbortController();
  const vad = ears.vad.open({ callId: 'endpointing' });
  const audio = withTail(samples, endMs);
  const pauses: Pause[] = [];
  let open: { readonly probability: number; readonly speechEndMs: number; readonly text: string } | undefined;
  let state = initialTurnState();
  let startMs = 0;
  const note = (untilMs: number, final: boolean): void => {
    if (open)
      pauses.push({
        probability: open.probability,
        durationMs: untilMs - open.speechEndMs,
        final,
        offsetMs: open.speechEndMs - endMs,
        text: open.text,
      });
    open = undefined;
  };
  for (let at = 0; at + vadWindowSamples <= audio.length; at += vadWindowSamples) {
    const atMs = (at + vadWindowSamples) / 16;
    const probability = await vad.push(audio.slice(at, at + vadWindowSamples));
    const step = reduceTurn(state, { type: 'window', probability, windowMs: vadWindowMs, atMs, seenMs: atMs });
    state = step.state;
    for (const command of step.commands) {
      if (command.type === 'open-turn') startMs = command.startMs;
      else if (command.type === 'resume-turn') note(atMs - defaultTurnSettings.endpointing.startMs, false);
      else if (command.type === 'suspect-end') {
        const heard = audio.slice(Math.max(0, (startMs - preRollMs) * 16), at + vadWindowSamples);
        const { probability: complete } = await ears.endOfTurn.predict(heard, { signal });
        const { text } = await transcribeSamples(heard, { ...ears, signal });
        open = { probability: complete, speechEndMs: command.speechEndMs, text };
      }
    }
  }
  note(audio.length / 16, true);
  vad.close();
  return pauses;
}

/** Speech up to its end and 1.5 s of what follows it, or of its quietest moment where nothing does. */
function withTail(samples: Float32Array, endMs: number): Float32Array {
  const wanted = Math.round((endMs + tailMs) * 16);
  const out = new Float32Array(wanted);
  out.set(samples.subarray(0, wanted));
  for (let at = samples.length; at < wanted; at++) out[at] = (samples[at % 800] ?? 0) * 0.5;
  return out;
}
