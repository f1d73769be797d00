import type { TranscribedWord } from '../../../ports/speech-to-text.js';
import type { Sentence } from './sentences.js';

/** Seconds, to the millisecond. */
export function secondsOf(ms: number): number {
  return Math.round(ms) / 1_000;
}

export function wordView({ text, startMs, endMs, confidence }: TranscribedWord) {
  return {
    word: text,
    start: secondsOf(startMs),
    end: secondsOf(endMs),
    confidence: Math.round(confidence * 10_000) / 10_000,
  };
}

export function utteranceView({ text, startMs, endMs }: Sentence) {
  return { text, start: secondsOf(startMs), end: secondsOf(endMs) };
}
