import { describe, expect, it } from 'vitest';
import { createFft } from '../../../audio/fft.js';
import { rmsDb } from '../../../audio/loudness.js';
import { ScriptedTextToSpeech } from '../../scripted-text-to-speech.js';
import { randomFrom } from '../../seeded-random.js';
import { VirtualClock } from '../../virtual-clock.js';
import { soundMs, speechLevelDb } from './caller-sound.js';
import { madeSpeech } from './made-speech-fixture.js';
import { changePace } from './pace.js';
import { throughSonic } from './sonic.js';
import { speakLine, speakLines } from './spoken-lines.js';
import { changeVoice, randomVoice } from './voice-change.js';

/** A vowel: pulses at `pitchHz` through a resonance at `formantHz`. */
function vowel(pitchHz: number, formantHz: number): Float32Array {
  const samples = new Float32Array(32_000);
  const radius = Math.exp((-Math.PI * 100) / 16_000);
  const turn = 2 * radius * Math.cos((2 * Math.PI * formantHz) / 16_000);
  let last = 0;
  let before = 0;
  let pulseAt = 0;
  for (let i = 0; i < samples.length; i++) {
    let pulse = 0;
    if (i >= pulseAt) {
      pulse = 0.05;
      pulseAt += 16_000 / pitchHz;
    }
    const value = pulse + turn * last - radius * radius * before;
    before = last;
    last = value;
    samples[i] = value;
  }
  return samples;
}

/** Power at each frequency, of the middle of a sound. */
function spectrum(samples: Float32Array): (fromHz: number, toHz: number) => number {
  const size = 8_192;
  const fft = createFft(size);
  const re = new Float32Array(fft.bins);
  const im = new Float32Array(fft.bins);
  const middle = samples.slice((samples.length - size) >> 1);
  fft.forward(
    middle.map((sample, i) => sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size))),
    re,
    im,
  );
  return (fromHz, toHz) => {
    let power = 0;
    for (let k = Math.round((fromHz * size) / 16_000); k < (toHz * size) / 16_000; k++)
      power += (re[k] as number) ** 2 + (im[k] as number) ** 2;
    return 10 * Math.log10(power);
  };
}

/** Where the power below 3 kHz has its middle. */
function centreHz(samples: Float32Array): number {
  const power = spectrum(samples);
  let sum = 0;
  let weighted = 0;
  for (let hz = 100; hz < 3_000; hz += 20) {
    const linear = 10 ** (power(hz, hz + 20) / 10);
    sum += linear;
    weighted += linear * (hz + 10);
  }
  return weighted / sum;
}

/** How much stronger multiples of a pitch are than what lies between them. */
function harmonicityDb(samples: Float32Array, pitchHz: number): number {
  const power = spectrum(samples);
  return power(pitchHz * 3 - 10, pitchHz * 3 + 10) - power(pitchHz * 3.5 - 10, pitchHz * 3.5 + 10);
}

describe('a changed pace', () => {
  const sound = madeSpeech();

  it.each([0.7, 1, 1.3, 1.8])('of %d keeps where speech begins and ends exact', async (pace) => {
    const changed = await changePace(sound, pace);
    expect(Math.abs(soundMs(changed) - 4_500 / pace)).toBeLessThan(1);
    for (const [index, { startMs, endMs }] of changed.speech.entries()) {
      expect(Math.abs(startMs - (sound.speech[index]?.startMs ?? 0) / pace)).toBeLessThan(0.5);
      expect(Math.abs(endMs - (sound.speech[index]?.endMs ?? 0) / pace)).toBeLessThan(0.5);
      const level = (fromMs: number, toMs: number): number => rmsDb(changed.samples.subarray(fromMs * 16, toMs * 16));
      expect(level(startMs - 30, startMs)).toBeLessThan(-50);
      expect(level(startMs + 10, startMs + 40)).toBeGreaterThan(-30);
      expect(level(endMs - 40, endMs - 10)).toBeGreaterThan(-30);
      expect(level(endMs + 6, endMs + 36)).toBeLessThan(-50);
    }
    expect(changed.words?.[4]?.text).toBe('w4');
    expect(Math.abs((changed.words?.[4]?.endMs ?? 0) - 2_060 / pace)).toBeLessThan(1);
  });

  it('keeps the pitch', async () => {
    const fast = await throughSonic(vowel(130, 700), 16_000, { speed: 1.3 });
    expect(fast).toHaveLength(Math.round(32_000 / 1.3));
    expect(harmonicityDb(fast, 130)).toBeGreaterThan(15);
  });

  it('beyond what speech bears is refused', async () => {
    await expect(changePace(sound, 3)).rejects.toThrow(/3 times its speed: expected 0.4 to 2.5/);
    await expect(changePace(sound, Number.NaN)).rejects.toThrow(/NaN times/);
  });
});

describe('a changed voice', () => {
  const voice = vowel(180, 1_000);

  it('has another pitch and the same formants, where only that is asked', async () => {
    const low = await changeVoice(voice, { pitch: 0.75, formants: 1, pace: 1 });
    expect(harmonicityDb(low, 135)).toBeGreaterThan(15);
    expect(Math.abs(centreHz(low) / centreHz(voice) - 1)).toBeLessThan(0.08);
  });

  it('has other formants and the same pitch, where only that is asked', async () => {
    const long = await changeVoice(voice, { pitch: 1, formants: 0.85, pace: 1 });
    expect(harmonicityDb(long, 180)).toBeGreaterThan(15);
    expect(Math.abs(centreHz(long) / centreHz(voice) - 0.85)).toBeLessThan(0.07);
  });

  it('follows from its random numbers, within what people have', () => {
    const random = randomFrom(1);
    const voices = Array.from({ length: 200 }, () => randomVoice(random));
    for (const { pitch, formants } of voices) {
      expect(pitch).toBeGreaterThan(0.55);
      expect(pitch).toBeLessThan(1.35);
      expect(formants).toBeGreaterThan(0.8);
    }
    expect(randomVoice(randomFrom(1))).toEqual(voices[0]);
  });
});

describe('spoken lines', () => {
  const { signal } = new AbortController();
  const tts = (): ScriptedTextToSpeech => new ScriptedTextToSpeech({ clock: new VirtualClock(), latencyMs: 0 });

  it('hold nothing but the line, at the level of a caller', async () => {
    const sound = await speakLine(tts(), { text: 'No, actually.', base: 'tones', signal });
    expect(speechLevelDb(sound)).toBeCloseTo(-26, 0);
    expect(sound.speech).toEqual([{ startMs: 0, endMs: soundMs(sound) }]);
    // Two words of 250 ms with 40 ms between them; the gap behind the last one is cut off.
    expect(Math.abs(soundMs(sound) - 540)).toBeLessThanOrEqual(20);
    expect(rmsDb(sound.samples.subarray(0, 160))).toBeGreaterThan(-46);
    expect(rmsDb(sound.samples.subarray(-160))).toBeGreaterThan(-46);
  });

  it('come in several voices, each text as often as the others, the same for the same seed', async () => {
    const lines = await speakLines(tts(), { kind: 'stop', count: 8, seed: 5, signal });
    expect(lines.map(({ text }) => text).slice(0, 2)).toEqual(['Wait.', 'Stop.']);
    expect(lines[6]?.text).toBe('Wait.');
    expect(new Set(lines.map(({ voice }) => voice.pitch)).size).toBe(8);
    expect(lines.every(({ sound }) => sound.samples.every(Number.isFinite))).toBe(true);
    const again = await speakLines(tts(), { kind: 'stop', count: 8, seed: 5, signal });
    expect(again.map(({ sound }) => sound.samples)).toEqual(lines.map(({ sound }) => sound.samples));
  });

  it('that make no sound are refused', async () => {
    await expect(speakLine(tts(), { text: '...', base: 'tones', signal })).rejects.toThrow(/no sound of "\.\.\."/);
  });
});
