import { runInOwnProcess } from '../support/own-process.js';

/** The same turns of a caller, once in each API type. */
export type TypesJob = {
  readonly host: string;
  readonly ordersDir: string;
  /** Files of each conversation. */
  readonly conversations: readonly (readonly string[])[];
};

export type MeasuredReply = {
  readonly file: string;
  /** Of its conversation, from 1. */
  readonly turn: number;
  /** From the end of speech to the first audible sample; null when there was no answer in time. */
  readonly responseMs: number | null;
  /** It answered before the caller had stopped. */
  readonly cutOff: boolean;
  /** Times on the way, from the end of speech. */
  readonly marks: Readonly<Record<string, number>>;
};

export type TypesReport = {
  readonly types: readonly {
    readonly name: string;
    /** Conversations in the order of the job; one that did not come about has no replies. */
    readonly conversations: readonly (readonly MeasuredReply[])[];
    readonly failures: readonly string[];
  }[];
};

/** Has all conversations in a process of their own. @throws when it ends without a report */
export function haveConversations(job: TypesJob): Promise<TypesReport> {
  return runInOwnProcess(new URL('./types.ts', import.meta.url), job);
}
