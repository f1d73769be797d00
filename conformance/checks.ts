import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { normalizeEnglish } from '../bench/scoring/normalize-english.js';
import { wordErrorRate } from '../bench/scoring/wer.js';
import { decodeAudioFile } from '../src/audio/decode.js';
import { durationMs } from '../src/audio/frame.js';
import { rmsDb } from '../src/audio/loudness.js';
import { monoOf, writeWav } from '../src/audio/wav.js';
import type { Surroundings } from './case.js';

/** Share of words that a small recogniser may have wrong in one sentence: about one in four, and one more in a short one. */
const maxWordErrors = 0.3;
/** A word spoken faster or slower than this is no speech: 50 ms to 1.2 s. */
const wordSeconds = { min: 0.05, max: 1.2 };
const audibleDb = -45;

type Sound = { readonly samples: Float32Array; readonly rateHz: number };

/** Whether a transcript has the words that were said. */
export function hasWords(heard: string, said: string): boolean {
  const { wer } = wordErrorRate([{ reference: said, hypothesis: heard }]);
  return wer !== null && wer <= maxWordErrors;
}

/** That a transcript has the words that were said. */
export function assertWords(heard: string, said: string): void {
  assert.ok(hasWords(heard, said), `heard "${heard}" where "${said}" was said`);
}

/** That a text has this word or these, whatever its spelling. */
export function assertHas(text: string, words: string): void {
  assert.ok(normalizeEnglish(text).includes(normalizeEnglish(words)), `"${text}" has not the words "${words}" in it`);
}

/** That what came back has what was asked for, among other things. */
export function assertSame(seen: object | null | undefined, asked: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(asked)) assert.deepEqual(Reflect.get(seen ?? {}, name), value, name);
}

/** That a file is audio, and says the text: of a plausible length, audible, and understood when it is heard again. */
export async function assertSpoken(at: Surroundings, file: Uint8Array, text: string): Promise<void> {
  const { channels, rateHz } = await decodeAudioFile(file);
  await assertSaid(at, { samples: monoOf(channels), rateHz }, text);
}

/** As {@link assertSpoken}, of samples. */
export async function assertSaid(at: Surroundings, { samples, rateHz }: Sound, text: string): Promise<void> {
  assertSound({ samples, rateHz }, text);
  assertWords(await transcribed(at, samples, rateHz), text);
}

/** As {@link assertSaid}, of an answer in a call: on a slow machine "One moment, please." may go before it. */
export async function assertAnswered(at: Surroundings, { samples, rateHz }: Sound, text: string): Promise<void> {
  const words = text.split(/\s+/).length;
  const heard = (await transcribed(at, samples, rateHz)).split(/\s+/);
  assertSound({ samples, rateHz }, heard.join(' '));
  assertWords(heard.slice(-words).join(' '), text);
}

/** That samples may be this text: their length and level, not their words. */
export function assertSound({ samples, rateHz }: Sound, text: string): void {
  const seconds = durationMs(samples.length, rateHz) / 1_000;
  const words = text.split(/\s+/).length;
  const plausible = seconds >= words * wordSeconds.min && seconds <= words * wordSeconds.max + 1;
  assert.ok(plausible, `${seconds.toFixed(2)} s of audio for ${words} words`);
  const level = rmsDb(samples);
  assert.ok(level > audibleDb, `audio of ${level.toFixed(0)} dB, which is silence`);
}

/** What the server itself hears in it, asked for in the plainest way. */
export async function transcribed(at: Surroundings, samples: Float32Array, rateHz: number): Promise<string> {
  const form = new FormData();
  form.append('model', 'whisper-1');
  form.append('file', new Blob([writeWav([samples], rateHz)]), 'heard.wav');
  const answer = await fetch(`${at.url}/v1/audio/transcriptions`, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${at.apiKey}` },
  });
  const { text } = (await answer.json()) as { readonly text?: string };
  return text ?? '';
}

/** Waits until something is so. @throws saying what was waited for, and what there is by then, when the signal ends */
export async function until(
  what: string,
  signal: AbortSignal,
  reached: () => boolean,
  instead: () => string = () => '',
): Promise<void> {
  while (!reached()) {
    if (signal.aborted) throw new Error(`waited in vain for ${what}; ${instead()}`);
    await sleep(20);
  }
}
