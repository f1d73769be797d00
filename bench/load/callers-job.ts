import type { MeasuredCall } from '../call/measured-turn.js';
import { runInOwnProcess } from '../support/own-process.js';
import type { Answer } from './knock.js';
import type { CallerPlan } from './levels.js';

/** What the callers' process is told. */
export type CallersJob = {
  readonly url: string;
  readonly plans: readonly CallerPlan[];
  /** Folder of the orders. */
  readonly ordersDir: string;
};

/** A call and when it was, in ms of the callers' clock: from the first sample of its recording to its end. */
export type LoadedCall = { readonly call: MeasuredCall; readonly fromMs: number; readonly toMs: number };

/** What the callers' process has to say in the end. */
export type CallersReport = {
  readonly calls: readonly LoadedCall[];
  /** Calls that did not come about, with the reason. */
  readonly failed: readonly string[];
  /** How those were answered who called when all places were taken. */
  readonly knocks: readonly Answer[];
  /** Processor time of making the calls, without reading the recordings and judging the calls. */
  readonly cpuSeconds: number;
};

/** Makes the calls of all callers, at once, in a process of their own. @throws when it ends without a report */
export function makeCallsAtOnce(job: CallersJob): Promise<CallersReport> {
  return runInOwnProcess(new URL('./callers.ts', import.meta.url), job);
}
