import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWav } from '../../audio/wav.js';
import type { ObservedCall } from '../../testing/scenarios/observed-call.js';
import type { Verdict } from '../../testing/scenarios/verdict.js';
import { writeWhole } from '../files.js';

/**
 * Writes a simulated call to a folder: `call.wav` (caller left, agent right), `call.json` (where the caller speaks, what was
 * said, the verdicts) and, of a virtual call, `events.jsonl`, which `parley replay` reads.
 */
export async function keepCall(
  folder: string,
  call: ObservedCall,
  verdicts: readonly Verdict[],
  log: readonly string[] | undefined,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { caller, agent, rateHz, lines, marks, words, heard, problems, replies } = call;
  await writeWhole(join(folder, 'call.wav'), writeWav([caller, agent], rateHz));
  const turns = lines.filter(({ role }) => role === 'turn');
  const document = {
    schema: 'parley.simulated-call/1',
    callerTurns: turns.map(({ startMs, endMs }) => ({ startMs, endMs })),
    lines,
    steps: marks,
    heard,
    words,
    replies,
    problems,
    verdicts,
  };
  await writeWhole(join(folder, 'call.json'), `${JSON.stringify(document, null, 2)}\n`);
  if (log) await writeWhole(join(folder, 'events.jsonl'), `${log.join('\n')}\n`);
  return folder;
}
