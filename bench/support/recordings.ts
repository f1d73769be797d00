import { readFile } from 'node:fs/promises';
import { decodeAudioFile } from '../../src/audio/decode.js';
import { monoOf } from '../../src/audio/wav.js';
import { ParleyError } from '../../src/ports/errors.js';
import { readSpeechLabels } from '../../src/testing/callers/acoustics/recordings.js';
import { sharedAudioDir } from '../../test/fixtures/recordings.js';

export type SpeechRow = { readonly file: string; readonly startMs: number; readonly endMs: number };

export function audioDir(given: string | undefined): string {
  const dir = given ?? sharedAudioDir();
  if (!dir)
    throw new ParleyError(
      'No folder of recordings: give one with --audio DIR (laid out as coffee-orders/, librispeech-other/).',
      {
        code: 'bench.no_audio',
      },
    );
  return dir;
}

/** Rows of a tab-separated file with a header line. */
export async function readTable(file: string): Promise<Record<string, string>[]> {
  const [head = '', ...lines] = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const names = head.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((value, index) => [names[index] ?? '', value])));
}

/** Where speech begins and ends in each file of a folder. */
export async function readSpeechTable(dir: string): Promise<SpeechRow[]> {
  return [...(await readSpeechLabels(dir))].map(([file, stretch]) => ({ file, ...stretch }));
}

export async function readMono(file: string): Promise<{ readonly samples: Float32Array; readonly rateHz: number }> {
  const { channels, rateHz } = await decodeAudioFile(new Uint8Array(await readFile(file)));
  return { samples: monoOf(channels), rateHz };
}
