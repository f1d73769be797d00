import type { TranscriptSegment } from '../../../conversation/listen/transcribe-samples.js';

/** What is shown at once: two lines of what can be read in passing. */
const maxCueCharacters = 84;
const maxCueMs = 6_000;
/** A pause within a cue that is longer than this divides it. */
const maxPauseMs = 1_000;

type Cue = { readonly startMs: number; readonly endMs: number; readonly text: string };

/** Divides a segment into what can be read at once, between words. */
export function cuesOf({ startMs, endMs, text, words }: TranscriptSegment): Cue[] {
  if (words.length === 0) return [{ startMs, endMs, text }];
  const cues: Cue[] = [];
  for (const word of words) {
    const last = cues.at(-1);
    const longer = `${last?.text} ${word.text}`;
    const fits =
      last !== undefined &&
      longer.length <= maxCueCharacters &&
      word.endMs - last.startMs <= maxCueMs &&
      word.startMs - last.endMs <= maxPauseMs;
    if (last && fits) cues[cues.length - 1] = { ...last, endMs: word.endMs, text: longer };
    else cues.push({ startMs: word.startMs, endMs: word.endMs, text: word.text });
  }
  return cues;
}

/** SubRip. */
export function srtOf(segments: readonly TranscriptSegment[]): string {
  const cues = segments.flatMap(cuesOf);
  return cues
    .map(
      ({ startMs, endMs, text }, index) => `${index + 1}\n${clock(startMs, ',')} --> ${clock(endMs, ',')}\n${text}\n\n`,
    )
    .join('');
}

/** WebVTT (W3C). */
export function vttOf(segments: readonly TranscriptSegment[]): string {
  const cues = segments.flatMap(cuesOf);
  const shown = cues.map(
    ({ startMs, endMs, text }) => `${clock(startMs, '.')} --> ${clock(endMs, '.')}\n${escaped(text)}\n\n`,
  );
  return `WEBVTT\n\n${shown.join('')}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function clock(ms: number, point: ',' | '.'): string {
  const whole = Math.max(0, Math.round(ms));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const hours = two(whole / 3_600_000);
  const rest = `${two((whole / 60_000) % 60)}:${two((whole / 1_000) % 60)}`;
  return `${hours}:${rest}${point}${String(whole % 1_000).padStart(3, '0')}`;
}
