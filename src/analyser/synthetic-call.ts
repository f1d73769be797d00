import { samplesOf } from '../audio/frame.js';
import type { CallRecording, Interval } from './recording.js';
import { seededRandom } from './statistics.js';

/** What a synthetic call contains; the analyser is proved on such calls, whose truth is known to the sample. */
export type SyntheticCallPlan = {
  readonly rateHz: number;
  readonly durationMs: number;
  readonly caller: readonly Interval[];
  readonly agent: readonly Interval[];
  /** RMS level of white room noise under each channel, dBFS; none by default. */
  readonly callerNoiseDb?: number;
  readonly agentNoiseDb?: number;
  /** RMS level of the speech while it is on. @defaultValue -20 */
  readonly speechDb?: number;
  /** Length of the soft onset and release. @defaultValue 12 */
  readonly rampMs?: number;
  /** Factor on the finished channels before they are clipped to full scale. @defaultValue 1 */
  readonly gain?: number;
  readonly seed?: number;
};

/** Renders a plan: speech-like sound in the given intervals, caller left, agent right. The same plan, the same samples. */
export function syntheticCall(plan: SyntheticCallPlan): CallRecording {
  const random = seededRandom(plan.seed ?? 1);
  const render = (intervals: readonly Interval[], noiseDb: number | undefined) => {
    const channel = new Float32Array(samplesOf(plan.durationMs, plan.rateHz));
    for (const interval of intervals) addSpeech(channel, plan, interval, random);
    if (noiseDb !== undefined) addNoise(channel, noiseDb, random);
    const gain = plan.gain ?? 1;
    return channel.map((sample) => Math.max(-1, Math.min(1, sample * gain)));
  };
  return {
    rateHz: plan.rateHz,
    channels: [render(plan.caller, plan.callerNoiseDb), render(plan.agent, plan.agentNoiseDb)],
  };
}

/**
 * Harmonics with a formant-like roll-off on a wandering pitch, some breath noise, and syllables of amplitude
 * modulation: the properties of voiced speech that an energy detector meets.
 */
function addSpeech(channel: Float32Array, plan: SyntheticCallPlan, interval: Interval, random: () => number): void {
  const { rateHz } = plan;
  const from = samplesOf(interval.startMs, rateHz);
  const to = Math.min(channel.length, samplesOf(interval.endMs, rateHz));
  const ramp = Math.max(1, Math.min(samplesOf(plan.rampMs ?? 12, rateHz), (to - from) / 2));
  const pitchHz = 90 + 130 * random();
  const syllablesHz = 3 + 3 * random();
  const syllablePhase = 2 * Math.PI * random();
  const harmonics = 12;
  const voice = new Float32Array(Math.max(0, to - from));
  let phase = 2 * Math.PI * random();
  let power = 0;
  for (let i = 0; i < voice.length; i++) {
    const second = i / rateHz;
    phase += (2 * Math.PI * pitchHz * (1 + 0.08 * Math.sin(2 * Math.PI * 1.3 * second))) / rateHz;
    let sample = 0.15 * (random() * 2 - 1);
    for (let k = 1; k <= harmonics; k++) sample += Math.sin(k * phase) / k;
    sample *= 1 - 0.35 * (1 + Math.sin(2 * Math.PI * syllablesHz * second + syllablePhase));
    power += sample * sample;
    voice[i] = sample;
  }
  const gain = 10 ** ((plan.speechDb ?? -20) / 20) / Math.sqrt(power / Math.max(1, voice.length));
  for (let i = 0; i < voice.length; i++) {
    const edge = Math.min(1, i / ramp, (voice.length - 1 - i) / ramp);
    const at = from + i;
    channel[at] = (channel[at] as number) + (voice[i] as number) * gain * Math.sin((Math.PI / 2) * edge) ** 2;
  }
}

function addNoise(channel: Float32Array, noiseDb: number, random: () => number): void {
  // Uniform noise in -a..a has an RMS of a / sqrt(3).
  const amplitude = 10 ** (noiseDb / 20) * Math.sqrt(3);
  for (let i = 0; i < channel.length; i++) {
    channel[i] = (channel[i] as number) + amplitude * (random() * 2 - 1);
  }
}
