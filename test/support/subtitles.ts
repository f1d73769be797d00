/** A stretch of text that is shown. */
export type Cue = { readonly startMs: number; readonly endMs: number; readonly text: string };

const clocks: Readonly<Record<'srt' | 'vtt', RegExp>> = {
  srt: /^(\d{2}):(\d{2}):(\d{2}),(\d{3}) --> (\d{2}):(\d{2}):(\d{2}),(\d{3})$/,
  vtt: /^(\d{2}):(\d{2}):(\d{2})\.(\d{3}) --> (\d{2}):(\d{2}):(\d{2})\.(\d{3})$/,
};

/** Reads SubRip or WebVTT strictly. @throws Error at the first line that is not as it should be */
export function readSubtitles(text: string, format: 'srt' | 'vtt'): Cue[] {
  const blocks = text.split('\n\n');
  if (blocks.pop() !== '') throw new Error('The last cue is not followed by an empty line.');
  if (format === 'vtt' && blocks.shift() !== 'WEBVTT') throw new Error('WebVTT begins with WEBVTT.');
  return blocks.map((block, index) => {
    const lines = block.split('\n');
    if (format === 'srt' && lines.shift() !== String(index + 1))
      throw new Error(`Cue ${index + 1} has another number.`);
    const [clock = '', ...shown] = lines;
    const numbers = clocks[format].exec(clock)?.slice(1).map(Number);
    if (!numbers) throw new Error(`${clock} is no time of ${format}.`);
    if (shown.length !== 1) throw new Error(`Cue ${index + 1} has ${shown.length} lines of text.`);
    return { startMs: msOf(numbers.slice(0, 4)), endMs: msOf(numbers.slice(4)), text: plain(shown[0] ?? '', format) };
  });
}

function msOf([hours = 0, minutes = 0, seconds = 0, ms = 0]: readonly number[]): number {
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000 + ms;
}

function plain(text: string, format: 'srt' | 'vtt'): string {
  if (format === 'srt') return text;
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** What is looked at of a transcript in `verbose_json`; times in seconds. */
export type TimedTranscript = {
  readonly text: string;
  readonly duration: number;
  readonly segments: readonly { readonly start: number; readonly end: number; readonly text: string }[];
  readonly words: readonly { readonly word: string; readonly start: number; readonly end: number }[];
};

/** What is wrong with the times of a transcript; empty when they go forwards, within the recording. */
export function timeProblems({ text, duration, segments, words }: TimedTranscript): string[] {
  const problems: string[] = [];
  const spans = (what: string, each: readonly { readonly start: number; readonly end: number }[]): void => {
    for (const [index, { start, end }] of each.entries()) {
      if (!(start <= end)) problems.push(`${what} ${index} ends at ${end}, before it begins at ${start}`);
      if (start < 0 || end > duration)
        problems.push(`${what} ${index} is outside of the recording: ${start} to ${end}`);
      const before = each[index - 1];
      if (before && start < before.start) problems.push(`${what} ${index} begins before the one before it`);
    }
  };
  spans('segment', segments);
  spans('word', words);
  if (words.map(({ word }) => word).join(' ') !== text) problems.push('the words are not those of the text');
  if (segments.map((segment) => segment.text).join(' ') !== text)
    problems.push('the segments are not those of the text');
  return problems;
}

/** Where cues are not those of the words: each shows some words, from when the first begins to when the last ends. */
export function cueProblems(cues: readonly Cue[], { words }: TimedTranscript): string[] {
  const problems: string[] = [];
  let next = 0;
  for (const [index, { startMs, endMs, text }] of cues.entries()) {
    const shown = words.slice(next, next + text.split(' ').length);
    next += shown.length;
    if (shown.map(({ word }) => word).join(' ') !== text)
      problems.push(`cue ${index} shows "${text}", other words than come`);
    const [first] = shown;
    const last = shown.at(-1);
    if (first && Math.abs(first.start * 1_000 - startMs) > 1) problems.push(`cue ${index} begins at another time`);
    if (last && Math.abs(last.end * 1_000 - endMs) > 1) problems.push(`cue ${index} ends at another time`);
  }
  if (next !== words.length) problems.push(`${words.length - next} words are in no cue`);
  return problems;
}
