import { setTimeout as delay } from 'node:timers/promises';
import { ParleyError } from '../../src/audio/error.js';
import { type CallOptions, runCall } from '../../src/cli/call/run-call.js';
import { nodeSockets } from '../../src/client/node-socket.js';
import { longestCallMs, measured } from '../call/make-calls.js';
import { recordedClip, recordingSet } from '../call/recorded-clip.js';
import { serveJob } from '../support/own-process.js';
import type { CallersJob, CallersReport, LoadedCall } from './callers-job.js';
import { type Answer, knock } from './knock.js';
import type { CallerPlan } from './levels.js';

/** Between two calls of a caller. */
const betweenCallsMs = 1_000;
/** Before this turn of each call, when all places are taken, somebody else calls as well. */
const knockBeforeTurn = 1;

/** The process of the callers: they share one event loop and no core with the server's. */
serveJob(makeCalls);

async function makeCalls({ url, plans, ordersDir }: CallersJob): Promise<CallersReport> {
  const recordings = await recordingSet(ordersDir);
  const clip = (file: string) => recordedClip(file, recordings, 'conversation');
  const failed: string[] = [];
  const knocks: Promise<Answer>[] = [];
  const made: (() => LoadedCall)[] = [];
  let talking = 0;

  const call = async (
    caller: number,
    plan: CallerPlan['calls'][number],
    clips: CallOptions['clips'],
  ): Promise<void> => {
    let beganMs = 0;
    try {
      const result = await runCall({
        url,
        clips,
        openSocket: nodeSockets(),
        timing: { longestCallMs },
        beforeTurn: (turn) => {
          if (turn === 0) {
            beganMs = performance.now();
            talking += 1;
          }
          if (turn === knockBeforeTurn && talking === plans.length) knocks.push(knock(url));
          return [];
        },
      });
      const fromMs = beganMs - (result.turns[0]?.fileStartMs ?? 0);
      const toMs = performance.now();
      const latencies = result.turns.map(({ responseLatencyMs: ms }) => (ms === null ? 'no answer' : Math.round(ms)));
      progress(`caller ${caller + 1}: ${result.failure?.message ?? result.ended}, ${latencies.join(', ')} ms`);
      // Analysing takes a core for a moment: not while others talk.
      made.push(() => ({ call: measured(plan, result), fromMs, toMs }));
    } catch (error) {
      if (!ParleyError.isInstance(error)) throw error;
      failed.push(error.message);
      progress(`caller ${caller + 1}: no call came about: ${error.message}`);
    } finally {
      if (beganMs > 0) talking -= 1;
    }
  };

  const spoken = await Promise.all(
    plans.map(({ calls }) => Promise.all(calls.map(({ turns }) => Promise.all(turns.map(({ file }) => clip(file)))))),
  );
  const before = process.cpuUsage();
  await Promise.all(
    plans.map(async ({ beginsInMs, calls }, caller) => {
      await delay(beginsInMs);
      for (const [index, plan] of calls.entries()) {
        if (index > 0) await delay(betweenCallsMs);
        await call(caller, plan, spoken[caller]?.[index] ?? []);
      }
    }),
  );
  const answers = await Promise.all(knocks);
  const { user, system } = process.cpuUsage(before);
  return { cpuSeconds: (user + system) / 1e6, failed, knocks: answers, calls: made.map((analyse) => analyse()) };
}

function progress(message: string): void {
  process.stderr.write(`  ${message}\n`);
}
