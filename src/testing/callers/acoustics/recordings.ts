import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeAudioFile } from '../../../audio/decode.js';
import { ParleyError } from '../../../audio/error.js';
import { monoOf } from '../../../audio/wav.js';
import { atRate, type CallerSound, callerRateHz, callerSound, type Stretch } from './caller-sound.js';

const columns = ['file', 'speech_start_ms', 'speech_end_ms'] as const;

/**
 * Where speech begins and ends in each recording of a folder: its `speech.tsv`, with the columns `file`,
 * `speech_start_ms` and `speech_end_ms` among others. Rows with neither number (nobody knows) are left out.
 *
 * @throws ParleyError `acoustics.bad_labels` for a table without these columns, or with something else in them
 */
export async function readSpeechLabels(dir: string): Promise<Map<string, Stretch>> {
  const path = join(dir, 'speech.tsv');
  const [head = '', ...rows] = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const names = head.split('\t');
  const [file, start, end] = columns.map((name) => names.indexOf(name)) as [number, number, number];
  if (Math.min(file, start, end) < 0) throw badLabels(path, 1, `a header with the columns ${columns.join(', ')}`);
  const labels = new Map<string, Stretch>();
  for (const [index, row] of rows.entries()) {
    const cells = row.split('\t');
    const [from = '', to = ''] = [cells[start]?.trim(), cells[end]?.trim()];
    if (from === '' && to === '') continue;
    const stretch = { startMs: Number(from || Number.NaN), endMs: Number(to || Number.NaN) };
    if (!(stretch.startMs >= 0 && stretch.endMs > stretch.startMs))
      throw badLabels(path, index + 2, 'two numbers of milliseconds, the second one larger');
    labels.set(cells[file] ?? '', stretch);
  }
  return labels;
}

/** A recording as a caller's sound: mono, 16 kHz, with what is known of its speech. */
export async function readCallerSound(path: string, speech: readonly Stretch[]): Promise<CallerSound> {
  const { channels, rateHz } = await decodeAudioFile(new Uint8Array(await readFile(path)));
  return atRate(callerSound({ samples: monoOf(channels), rateHz, speech }), callerRateHz);
}

function badLabels(path: string, line: number, expected: string): ParleyError {
  return new ParleyError(`${path}, line ${line}: expected ${expected}.`, { code: 'acoustics.bad_labels', status: 400 });
}
