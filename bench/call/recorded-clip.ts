import { join } from 'node:path';
import { ParleyError } from '../../src/audio/error.js';
import { samplesOf } from '../../src/audio/frame.js';
import { type CallerClip, callerClip } from '../../src/cli/call/clip.js';
import { readMono, readSpeechTable, type SpeechRow } from '../support/recordings.js';
import type { PlannedCall } from './plan.js';

/** Kept in front of the speech of a turn; an interruption begins at its time. */
const leadMs = 300;
const leadOfInterruptionMs = 60;
/** Room tone of the recording kept behind the caller's speech. */
const tailMs = 4_000;

/** Where the recordings of a kind are, and where speech begins and ends in them. */
export type RecordingSet = { readonly dir: string; readonly rows: ReadonlyMap<string, SpeechRow> };

export async function recordingSet(dir: string): Promise<RecordingSet> {
  return { dir, rows: new Map((await readSpeechTable(dir)).map((row) => [row.file, row])) };
}

/** A recording as a turn of the caller. */
export async function recordedClip(
  file: string,
  { dir, rows }: RecordingSet,
  call: PlannedCall['kind'],
): Promise<CallerClip> {
  const row = rows.get(file);
  if (!row) throw new ParleyError(`speech.tsv of ${dir} has no line for ${file}.`, { code: 'bench.no_label' });
  const { samples, rateHz } = await readMono(join(dir, file));
  const fromMs = Math.max(0, row.startMs - (call === 'interruption' ? leadOfInterruptionMs : leadMs));
  const cut = samples.subarray(samplesOf(fromMs, rateHz), samplesOf(row.endMs + tailMs, rateHz));
  return callerClip(file, { channels: [cut], rateHz }, { startMs: row.startMs - fromMs, endMs: row.endMs - fromMs });
}
