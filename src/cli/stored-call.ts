import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ParleyError } from '../audio/error.js';
import { createResampler } from '../audio/resample.js';
import { readWav } from '../audio/wav.js';
import { type ParsedLog, parseEventLog, type ReadOptions } from '../conversation/read-event-log.js';
import { callLimits } from '../platform/call-limits.js';
import { vadRateHz } from '../ports/voice-activity.js';
import { dataDirOf } from '../settings/settings.js';
import { inFile } from './files.js';

/** What `CALL` may be, for the help of each command that takes one. */
export const callArgument =
  'a call: its id in the data folder (PARLEY_DATA_DIR), "last" for the newest there, its folder, or its events.jsonl';

export type StoredCall = {
  readonly eventsFile: string;
  readonly recordingFile: string;
  readonly log: ParsedLog;
};

/**
 * Finds a call and reads its log.
 *
 * @throws ParleyError `call.not_found`, `call.too_large`; as `parseEventLog`, with the name of the file in front
 */
export async function readStoredCall(call: string, options: ReadOptions = {}): Promise<StoredCall> {
  const eventsFile = await findEvents(call);
  await bounded(eventsFile, callLimits.maxEventLogBytes);
  const text = await readFile(eventsFile, 'utf8');
  const recordingFile = join(dirname(eventsFile), 'recording.wav');
  try {
    return { eventsFile, recordingFile, log: parseEventLog(text, options) };
  } catch (error) {
    throw inFile(eventsFile, error);
  }
}

const newestCall = 'last';

/** The call of this folder that was written to last. */
async function newestOf(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  const dated = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name, 'events.jsonl')).catch(() => undefined);
      return found ? [{ name, atMs: found.mtimeMs }] : [];
    }),
  );
  return dated.flat().sort((a, b) => b.atMs - a.atMs)[0]?.name;
}

async function findEvents(call: string): Promise<string> {
  const isId = basename(call) === call && call !== '.' && call !== '..';
  const kept = join(dataDirOf(process.env), 'calls');
  const id = call === newestCall ? ((await newestOf(kept)) ?? call) : call;
  const nothingYet = call === newestCall && id === call;
  const candidates = isId ? [call, join(kept, id)] : [call];
  for (const path of candidates) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) return path;
    if (!found?.isDirectory()) continue;
    const file = join(path, 'events.jsonl');
    if ((await stat(file).catch(() => undefined))?.isFile()) return file;
    throw new ParleyError(`${path} holds no events.jsonl; expected the folder of a call.`, {
      code: 'call.not_found',
      status: 404,
    });
  }
  if (nothingYet)
    throw new ParleyError(
      `There is no call in ${kept} yet; make one with "parley call", or say with PARLEY_DATA_DIR where a server keeps them.`,
      { code: 'call.not_found', status: 404 },
    );
  throw new ParleyError(
    `There is no call "${call}" (looked for ${candidates.join(' and ')}); expected ${callArgument}.`,
    { code: 'call.not_found', status: 404 },
  );
}

/** The caller's side of the recording, 16 kHz mono. @throws ParleyError `call.no_recording`, or as `readWav` */
export async function callerAudio({ recordingFile }: StoredCall): Promise<Float32Array> {
  if (!(await stat(recordingFile).catch(() => undefined))?.isFile())
    throw new ParleyError(
      `${recordingFile} is not there; expected the call's recording beside its log. Without it only what the log holds can be judged.`,
      { code: 'call.no_recording', status: 404 },
    );
  await bounded(recordingFile, callLimits.maxRecordingBytes);
  try {
    const { channels, rateHz } = readWav(await readFile(recordingFile));
    const [caller] = channels;
    if (!caller || channels.length !== 2)
      throw new ParleyError(
        `it has ${channels.length} channels; expected the caller on the left, the agent on the right.`,
        {
          code: 'call.no_recording',
          status: 400,
        },
      );
    return await asHeard(caller, rateHz);
  } catch (error) {
    throw inFile(recordingFile, error);
  }
}

/** Resampled as the call did it, as a stream: the filter's delay stays in, so that windows hold the same samples. */
async function asHeard(samples: Float32Array, rateHz: number): Promise<Float32Array> {
  const resampler = await createResampler({ fromHz: rateHz, toHz: vadRateHz });
  try {
    return resampler.process(samples);
  } finally {
    resampler.close();
  }
}

async function bounded(path: string, maxBytes: number): Promise<void> {
  const { size } = await stat(path);
  if (size > maxBytes)
    throw new ParleyError(`${path} has ${size} bytes; expected at most ${maxBytes}, the most that a call keeps.`, {
      code: 'call.too_large',
      status: 400,
    });
}
