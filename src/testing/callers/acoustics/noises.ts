import { type Biquad, bandPass, createBiquadFilter, highPass, lowPass } from '../../../audio/biquad.js';
import { durationMs, samplesOf } from '../../../audio/frame.js';
import { gainOf, peak, rms } from '../../../audio/loudness.js';
import { between, type Random, randomFrom, whiteNoise } from '../../seeded-random.js';
import { type CallerSound, callerRateHz } from './caller-sound.js';
import { createRoom, roomResponse } from './room-response.js';

/*
 * Sounds that people and rooms make, shaped from noise and pulses. They are models: where they are reported, that is said.
 * All at 16 kHz; the same seed, the same samples.
 */

const rateHz = callerRateHz;
/** RMS of a made sound: a person's usual level at a telephone. */
const levelDb = -26;
/** Clicks and bangs have peaks far above their level. */
const peakLimit = 0.95;

/** Noise whose power falls by 3 dB per octave (filter by P. Kellet), of unit RMS. */
export function pinkNoise(seed: number, length: number): Float32Array {
  const white = whiteNoise(randomFrom(seed), length);
  const state = new Float64Array(3);
  const pink = white.map((sample) => {
    state[0] = 0.99765 * (state[0] as number) + sample * 0.099046;
    state[1] = 0.963 * (state[1] as number) + sample * 0.2965164;
    state[2] = 0.57 * (state[2] as number) + sample * 1.0526913;
    return (state[0] as number) + (state[1] as number) + (state[2] as number) + sample * 0.1848;
  });
  const level = rms(pink);
  return level === 0 ? pink : pink.map((sample) => sample / level);
}

/** One to three coughs: a burst, breath through the open throat, often a short voiced end. */
export function cough(seed: number): CallerSound {
  const random = randomFrom(seed);
  const coughs = 1 + Math.floor(random() * 3);
  const parts: Part[] = [];
  let atMs = 0;
  for (let i = 0; i < coughs; i++) {
    const lengthMs = between(random, 180, 330);
    const throat = [between(random, 500, 800), between(random, 1_300, 1_800), between(random, 2_600, 3_400)];
    const burstMs = between(random, 25, 45);
    const breath = resonant(whiteNoise(random, samplesOf(lengthMs, rateHz)), throat, 2);
    parts.push({
      atMs,
      samples: shaped(breath, (ms) => Math.min(1, ms / 4) * (ms < burstMs ? 1 : decay(ms - burstMs, lengthMs))),
    });
    if (random() < 0.6) {
      const voicedMs = between(random, 70, 130);
      const voice = resonant(pulses(random, voicedMs, between(random, 110, 230), 0.8), throat, 4);
      parts.push({ atMs: atMs + lengthMs * 0.5, samples: scaled(shaped(voice, soft(voicedMs)), 0.5 * peak(breath)) });
    }
    atMs += lengthMs + between(random, 60, 220);
  }
  return made(parts);
}

/** "Ahem": one or two rough, creaking stretches. */
export function throatClearing(seed: number): CallerSound {
  const random = randomFrom(seed);
  const parts: Part[] = [];
  let atMs = 0;
  for (let i = 0; i < 1 + Math.floor(random() * 2); i++) {
    const lengthMs = between(random, 220, 420);
    const throat = [between(random, 350, 550), between(random, 1_000, 1_400), between(random, 2_200, 2_800)];
    const creak = pulses(random, lengthMs, between(random, 45, 80), 0.35);
    const breath = whiteNoise(random, creak.length);
    const rough = creak.map(
      (sample, i) => sample + 0.25 * (breath[i] as number) * Math.abs(sample) + 0.02 * (breath[i] as number),
    );
    parts.push({ atMs, samples: shaped(resonant(rough, throat, 4), soft(lengthMs)) });
    atMs += lengthMs + between(random, 40, 120);
  }
  return made(parts);
}

/** A door that falls shut: the modes of its leaf, the latch, and the room after it. */
export function doorBang(seed: number): CallerSound {
  const random = randomFrom(seed);
  const length = samplesOf(700, rateHz);
  const samples = new Float32Array(length);
  const thud = createBiquadFilter([lowPass(900, rateHz)])(whiteNoise(random, length));
  for (let i = 0; i < length; i++) samples[i] = (thud[i] as number) * Math.exp(-durationMs(i, rateHz) / 18);
  for (let mode = 0; mode < 6; mode++) {
    const hz = between(random, 60, 420);
    const decayMs = between(random, 40, 140);
    const strength = between(random, 0.3, 1);
    for (let i = 0; i < length; i++) {
      const seconds = i / rateHz;
      samples[i] =
        (samples[i] as number) +
        strength * Math.sin(2 * Math.PI * hz * seconds) * Math.exp((-seconds * 1_000) / decayMs);
    }
  }
  const latch = createBiquadFilter([bandPass(2_600, rateHz, 1)])(whiteNoise(random, samplesOf(15, rateHz)));
  const parts = [
    { atMs: 0, samples },
    {
      atMs: between(random, 30, 70),
      samples: scaled(
        shaped(latch, (ms) => Math.exp(-ms / 4)),
        0.5,
      ),
    },
  ];
  const room = createRoom(roomResponse({ decayMs: 450, directToReverbDb: 2 }, rateHz, seed));
  return levelled(room(mixed(parts)));
}

/** Somebody types: presses and, softer, releases. */
export function keyboard(seed: number, lengthMs: number): CallerSound {
  const random = randomFrom(seed);
  const parts: Part[] = [];
  for (let atMs = between(random, 0, 80); atMs < lengthMs - 90; atMs += between(random, 90, 260)) {
    const click = (strength: number): Float32Array => {
      const noise = whiteNoise(random, samplesOf(14, rateHz));
      const body = createBiquadFilter([bandPass(between(random, 1_800, 4_500), rateHz, 0.8)])(noise);
      return scaled(
        shaped(body, (ms) => Math.exp(-ms / 2.5)),
        strength,
      );
    };
    parts.push({ atMs, samples: click(between(random, 0.6, 1)) });
    parts.push({ atMs: atMs + between(random, 45, 75), samples: click(between(random, 0.15, 0.35)) });
  }
  return levelled(mixed(parts, samplesOf(lengthMs, rateHz)));
}

/** "Mm": a hum with the lips closed. It is the caller's: its speech is the whole of it. */
export function hum(seed: number): CallerSound {
  const random = randomFrom(seed);
  const lengthMs = between(random, 220, 420);
  return spoken(levelled(nasal(random, lengthMs, pitchOf(random), between(random, 0.85, 1.1))));
}

/** "Mm-hm": two hums with a breath between them, the second one higher. */
export function mmHm(seed: number): CallerSound {
  const random = randomFrom(seed);
  const pitchHz = pitchOf(random);
  const firstMs = between(random, 110, 170);
  const breathMs = between(random, 40, 70);
  const secondMs = between(random, 160, 260);
  const breath = resonant(whiteNoise(random, samplesOf(breathMs, rateHz)), [900, 1_800], 1);
  const first = nasal(random, firstMs, pitchHz, 0.95);
  return spoken(
    made([
      { atMs: 0, samples: first },
      { atMs: firstMs - 5, samples: scaled(shaped(breath, soft(breathMs)), 0.15 * peak(first)) },
      { atMs: firstMs + breathMs - 10, samples: nasal(random, secondMs, pitchHz * between(random, 1.15, 1.35), 1.05) },
    ]),
  );
}

/** From a low man's voice to a high woman's. */
function pitchOf(random: Random): number {
  return between(random, 95, 230);
}

function nasal(random: Random, lengthMs: number, pitchHz: number, endPitch: number): Float32Array {
  const voice = pulses(random, lengthMs, pitchHz, 0.98, endPitch);
  const murmur = [between(random, 230, 300), between(random, 950, 1_150), between(random, 2_000, 2_400)];
  // The nose damps what is above its first resonance.
  return shaped(createBiquadFilter([lowPass(1_200, rateHz)])(resonant(voice, murmur, 3)), soft(lengthMs));
}

type Part = { readonly atMs: number; readonly samples: Float32Array };

/**
 * The pulses of vocal cords, at a pitch that glides to `endPitch` times itself.
 * @param regularity 1 is a machine's; less makes the voice rough
 */
function pulses(random: Random, lengthMs: number, pitchHz: number, regularity: number, endPitch = 0.9): Float32Array {
  const samples = new Float32Array(samplesOf(lengthMs, rateHz));
  const irregular = 1 - regularity;
  let at = 0;
  while (at < samples.length) {
    const strength = 1 + irregular * between(random, -1, 1);
    // A pulse closes faster than it opens: a jump with a short tail has the voice's falling spectrum.
    for (let i = 0; i < 24 && at + i < samples.length; i++)
      samples[at + i] = (samples[at + i] as number) + strength * Math.exp(-i / 5);
    const glide = 1 + (endPitch - 1) * (at / samples.length);
    at += Math.max(16, Math.round((rateHz / (pitchHz * glide)) * (1 + irregular * between(random, -0.6, 0.6))));
  }
  return createBiquadFilter([highPass(60, rateHz)])(samples);
}

/** The resonances of a throat side by side, the higher ones weaker. */
function resonant(source: Float32Array, formantsHz: readonly number[], q: number): Float32Array {
  const sum = new Float32Array(source.length);
  for (const [index, hz] of formantsHz.entries()) {
    const section: Biquad = bandPass(hz, rateHz, q);
    const band = createBiquadFilter([section])(source);
    const strength = 0.6 ** index;
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + strength * (band[i] as number);
  }
  return sum;
}

function shaped(samples: Float32Array, envelope: (ms: number) => number): Float32Array {
  return samples.map((sample, i) => sample * envelope(durationMs(i, rateHz)));
}

/** Comes and goes within a fifth of its length each. */
function soft(lengthMs: number): (ms: number) => number {
  return (ms) =>
    Math.sin((Math.PI / 2) * Math.max(0, Math.min(1, ms / (0.2 * lengthMs), (lengthMs - ms) / (0.2 * lengthMs))));
}

/** Down by some 26 dB at the end, and then to nothing. */
function decay(ms: number, lengthMs: number): number {
  return Math.exp((-3 * ms) / lengthMs) * Math.max(0, Math.min(1, (lengthMs - ms) / 40));
}

/** With its loudest sample at `amplitude`. */
function scaled(samples: Float32Array, amplitude: number): Float32Array {
  const loudest = peak(samples);
  return loudest === 0 ? samples : samples.map((sample) => (sample / loudest) * amplitude);
}

function mixed(parts: readonly Part[], atLeast = 0): Float32Array {
  const length = parts.reduce(
    (most, { atMs, samples }) => Math.max(most, samplesOf(atMs, rateHz) + samples.length),
    atLeast,
  );
  const sum = new Float32Array(length);
  for (const { atMs, samples } of parts) {
    const from = samplesOf(atMs, rateHz);
    for (let i = 0; i < samples.length; i++) sum[from + i] = (sum[from + i] as number) + (samples[i] as number);
  }
  return sum;
}

function made(parts: readonly Part[]): CallerSound {
  return levelled(mixed(parts));
}

/** At the usual level; sounds with high peaks stay below it rather than clip. */
function levelled(samples: Float32Array): CallerSound {
  const gain = Math.min(gainOf(levelDb) / rms(samples), peakLimit / peak(samples));
  return { samples: samples.map((sample) => sample * gain), rateHz, speech: [] };
}

function spoken(sound: CallerSound): CallerSound {
  return { ...sound, speech: [{ startMs: 0, endMs: durationMs(sound.samples.length, rateHz) }] };
}
