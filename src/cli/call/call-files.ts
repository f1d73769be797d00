import { basename, join } from 'node:path';
import { z } from 'zod';
import { agentLimits } from '../../agents/definition.js';
import { decodeAudioFile } from '../../audio/decode.js';
import { ParleyError } from '../../audio/error.js';
import { writeWav } from '../../audio/wav.js';
import { inFile, readNamedFile, writeWhole } from '../files.js';
import type { CallResult } from './call-result.js';
import { callIdOf, latencySummary } from './call-text.js';
import { type CallerClip, callerClip, type SpeechBounds } from './clip.js';

const largestAudioBytes = 256 * 1024 ** 2;
const largestTurnsBytes = 16 * 1024 ** 2;
/** All clips are held in memory at 24 kHz. */
const longestTotalMs = 25 * 60_000;

const badInputCode = 'call.bad_input';

const turnsFile = z.record(z.string(), z.object({ startMs: z.number(), endMs: z.number() }));

/**
 * Reads the recordings of the caller and, from `turnsPath`, where speech begins and ends in them.
 *
 * @throws ParleyError `call.bad_input` for files that are not there, too large or of another shape; as
 * `decodeAudioFile` and `callerClip` for their contents, with the name of the file in front
 */
export async function readClips(paths: readonly string[], turnsPath?: string): Promise<CallerClip[]> {
  const labels = turnsPath === undefined ? {} : await readTurns(turnsPath);
  const clips: CallerClip[] = [];
  let totalMs = 0;
  for (const path of paths) {
    const file = basename(path);
    const bytes = await readNamedFile(path, {
      largestBytes: largestAudioBytes,
      code: badInputCode,
      expected: 'a recording',
    });
    try {
      const recording = await decodeAudioFile(bytes);
      totalMs += ((recording.channels[0]?.length ?? 0) / recording.rateHz) * 1000;
      if (totalMs > longestTotalMs) {
        throw badInput(`with it the files last more than ${longestTotalMs / 60_000} min; make several calls of them.`);
      }
      clips.push(await callerClip(file, recording, Object.hasOwn(labels, file) ? labels[file] : undefined));
    } catch (error) {
      throw inFile(path, error);
    }
  }
  return clips;
}

async function readTurns(path: string): Promise<Record<string, SpeechBounds>> {
  const shape = 'expected {"file.wav": {"startMs": 0, "endMs": 1000}, ...}';
  let json: unknown;
  try {
    json = JSON.parse(
      new TextDecoder().decode(
        await readNamedFile(path, {
          largestBytes: largestTurnsBytes,
          code: badInputCode,
          expected: 'the turns of files, in JSON',
        }),
      ),
    );
  } catch (error) {
    if (ParleyError.isInstance(error)) throw error;
    throw badInput(`${path} is not JSON; ${shape}.`, error);
  }
  const parsed = turnsFile.safeParse(json);
  if (!parsed.success) throw badInput(`${path} does not hold the turns of files; ${shape}.`, parsed.error);
  return parsed.data;
}

/** Reads the agent's instructions. @throws ParleyError `call.bad_input` */
export async function readPrompt(path: string): Promise<string> {
  const expected = "a text file with the agent's instructions";
  const bytes = await readNamedFile(path, {
    largestBytes: agentLimits.instructionsBytes,
    code: badInputCode,
    expected,
  });
  const text = new TextDecoder().decode(bytes).trim();
  if (text === '') throw badInput(`${path} is empty; expected the agent's instructions.`);
  return text;
}

/** Writes `call.wav` (caller left, agent right, 24 kHz) and `call.json`, and returns their paths. */
export async function writeCall(folder: string, result: CallResult): Promise<{ wav: string; json: string }> {
  return {
    wav: await writeWhole(join(folder, 'call.wav'), writeWav([result.caller, result.agent], result.rateHz)),
    json: await writeWhole(join(folder, 'call.json'), `${JSON.stringify(callDocument(result), null, 2)}\n`),
  };
}

/** A call as JSON: everything but its samples. `callerTurns` has the shape of the labels that the analyser takes. */
export function callDocument(result: CallResult) {
  const { turns, dialogue, player, pacing, serverErrors, ended, failure } = result;
  return {
    schema: 'parley.call/1',
    callId: callIdOf(result) ?? null,
    ended,
    failure: failure ? { code: failure.code, message: failure.message } : null,
    durationMs: (result.caller.length / result.rateHz) * 1000,
    callerTurns: turns.map(({ startMs, endMs, file }) => ({ startMs, endMs, file })),
    responseLatency: latencySummary(turns),
    turns,
    dialogue,
    player,
    pacing,
    serverErrors,
  };
}

function badInput(message: string, cause?: unknown): ParleyError {
  return new ParleyError(message, { code: badInputCode, status: 400, cause });
}
