import { describe, expect, it } from 'vitest';
import { rmsDb } from '../../../audio/loudness.js';
import { ScriptedTextToSpeech } from '../../scripted-text-to-speech.js';
import { VirtualClock } from '../../virtual-clock.js';
import { soundMs, speechLevelDb } from './caller-sound.js';
import { speakLine, speakLines } from './spoken-lines.js';

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
