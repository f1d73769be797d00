import { copyFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { analyseCall } from '../../src/analyser/analyse-call.js';
import { ParleyError } from '../../src/audio/error.js';
import { durationMs } from '../../src/audio/frame.js';
import { writeCall } from '../../src/cli/call/call-files.js';
import type { CallResult } from '../../src/cli/call/call-result.js';
import type { CallerClip } from '../../src/cli/call/clip.js';
import { type CallOptions, runCall } from '../../src/cli/call/run-call.js';
import { ensureServer } from '../../src/cli/call/server.js';
import { nodeSockets } from '../../src/client/node-socket.js';
import { type ParsedLog, parseEventLog } from '../../src/conversation/read-event-log.js';
import type { MeasuredCall } from './measured-turn.js';
import type { PlannedCall, PlannedTurn, TurnKind } from './plan.js';

/** A port of its own, so that a server someone talks to is not measured by accident. */
const port = 8_797;
/** A call that goes on for longer is broken off, and counts as stuck. */
export const longestCallMs = 5 * 60_000;
/** A server that takes no call will not take the next twenty either. */
const mostFailuresInARow = 3;
/** An answer has to be long to be interrupted late in it. */
export const talkative = {
  instructions: [
    'You are Ava, who takes orders by phone for Harbour Coffee. Everything you write is spoken aloud: plain words only.',
    'You love to talk. Answer everything in two very long sentences of about twenty words each: say the order back, then say how it is made, what it tastes like and what goes well with it.',
  ].join('\n'),
};

/** What a call is made with, beside its turns: the agent, and what is heard at the caller's end. */
export type CallSetting = Partial<Pick<CallOptions, 'instructions' | 'greeting' | 'beforeTurn' | 'microphone'>>;

export type MakeCallsOptions<Kind extends TurnKind> = {
  readonly plan: readonly PlannedCall<Kind>[];
  readonly clipOf: (turn: PlannedTurn<Kind>, call: PlannedCall<Kind>) => Promise<CallerClip>;
  /** @defaultValue a talkative agent for interruptions, else the default agent */
  readonly settingOf?: (call: PlannedCall<Kind>, index: number) => CallSetting;
  /** Told of each call that came about, with its audio and the server's event log. */
  readonly onCall?: (call: MadeCall) => void;
  /** Folder for the recordings of the calls and the server's logs of them. */
  readonly keep?: string;
};

export type MadeCall = {
  readonly planned: PlannedCall;
  /** Of the call in the plan. */
  readonly index: number;
  readonly result: CallResult;
  readonly measured: MeasuredCall;
  readonly log: ParsedLog;
};

function agentFor(call: PlannedCall): CallSetting {
  return call.kind === 'interruption' ? talkative : {};
}

/** Makes the calls one after the other, to a server process of their own. */
export async function makeCalls<Kind extends TurnKind>({
  plan,
  clipOf,
  settingOf = agentFor,
  onCall,
  keep,
}: MakeCallsOptions<Kind>): Promise<{ calls: MeasuredCall[]; failed: string[] }> {
  const dataDir = join(tmpdir(), `parley-bench-${process.pid}`);
  process.env.PARLEY_DATA_DIR = dataDir;
  process.env.PARLEY_PORT = String(port);
  process.env.PARLEY_LOG_LEVEL = 'warn';
  const url = `ws://127.0.0.1:${port}/v1/realtime?model=parley`;
  const server = await ensureServer({ url, onProgress: progress });
  // Perhaps of another build, and its logs are elsewhere: what it does says nothing about this one.
  if (!server.started)
    throw new ParleyError(
      `A server runs at port ${port} already, left there by another run. Stop it; calls are measured with a server started for them.`,
      { code: 'bench.foreign_server' },
    );
  const calls: MeasuredCall[] = [];
  const failed: string[] = [];
  try {
    let failuresInARow = 0;
    for (const [index, planned] of plan.entries()) {
      progress(`Call ${index + 1} of ${plan.length}: ${planned.turns.length} turns, ${planned.kind}.`);
      const clips = await Promise.all(planned.turns.map((turn) => clipOf(turn, planned)));
      try {
        const result = await makeCall(url, planned, { ...settingOf(planned, index), clips });
        const call = measured(planned, result);
        calls.push(call);
        const { log, folder } = await newestLog(dataDir);
        onCall?.({ planned, index, result, measured: call, log });
        failuresInARow = 0;
        if (keep)
          await keepCall(join(keep, `call-${String(index + 1).padStart(2, '0')}-${planned.kind}`), result, folder);
      } catch (error) {
        if (!ParleyError.isInstance(error)) throw error;
        failed.push(error.message);
        progress(`No call came about: ${error.message}`);
        failuresInARow += 1;
        if (failuresInARow === mostFailuresInARow) break;
      }
    }
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
  return { calls, failed };
}

async function makeCall(
  url: string,
  plan: PlannedCall,
  own: CallSetting & Pick<CallOptions, 'clips'>,
): Promise<CallResult> {
  const result = await runCall({
    ...own,
    url,
    openSocket: nodeSockets(),
    timing: { longestCallMs },
    ...(plan.bargeInsMs.length > 0 ? { bargeInMs: plan.bargeInsMs } : {}),
    onUpdate(update) {
      if (update.type === 'server-error') progress(`  error: ${update.message}`);
      if (update.type !== 'turn') return;
      const { turn, responseLatencyMs, reply } = update.turn;
      progress(
        `  ${turn}: ${responseLatencyMs === null ? 'no answer' : `${Math.round(responseLatencyMs)} ms`}: ${reply}`,
      );
    },
  });
  if (result.failure) progress(`  ${result.failure.message}`);
  return result;
}

/** The event log of the call that was made last, once it is whole. */
async function newestLog(dataDir: string): Promise<{ readonly log: ParsedLog; readonly folder: string }> {
  const all = join(dataDir, 'calls');
  const calls = await Promise.all(
    (await readdir(all)).map(async (name) => ({ name, madeMs: (await stat(join(all, name))).birthtimeMs })),
  );
  const folder = join(all, calls.sort((a, b) => a.madeMs - b.madeMs).at(-1)?.name ?? '');
  for (let tries = 0; ; tries++) {
    const log = parseEventLog(await readFile(join(folder, 'events.jsonl'), 'utf8'), { unfinished: true });
    if (tries === 20 || log.finished) return { log, folder };
    await delay(100);
  }
}

/** What the recording of a call shows; the audio itself is left out. */
export function measured(plan: PlannedCall, result: CallResult): MeasuredCall {
  const { caller, agent, rateHz, ...rest } = result;
  const analysis = analyseCall({ channels: [caller, agent], rateHz }, { callerTurns: spokenTurns(result) });
  return { plan, result: rest, analysis };
}

/** The caller's turns that lie within the recording: a call that broke off ends in the middle of one. */
function spokenTurns(result: CallResult): { readonly startMs: number; readonly endMs: number }[] {
  const lengthMs = durationMs(result.caller.length, result.rateHz);
  return result.turns.filter(({ endMs }) => endMs <= lengthMs).map(({ startMs, endMs }) => ({ startMs, endMs }));
}

/** As the caller heard it (`call.wav`), and as the server has it. */
async function keepCall(folder: string, result: CallResult, server: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeCall(folder, result);
  for (const file of ['events.jsonl', 'recording.wav']) await copyFile(join(server, file), join(folder, file));
}

function progress(message: string): void {
  process.stderr.write(`${message}\n`);
}
