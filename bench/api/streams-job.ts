import { runInOwnProcess } from '../support/own-process.js';
import type { StreamPlan } from './plan.js';
import type { StreamResult } from './sample.js';

export type StreamsJob = {
  /** Of the server, with its port. */
  readonly host: string;
  readonly plan: StreamPlan;
  /** Folder of the recordings. */
  readonly ordersDir: string;
};

/** What each stream has measured. */
export type StreamsReport = { readonly streams: readonly StreamResult[] };

/** Opens all streams of a level at once, in a process of their own. @throws when it ends without a report */
export function openStreams(job: StreamsJob): Promise<StreamsReport> {
  return runInOwnProcess(new URL('./streams.ts', import.meta.url), job);
}
