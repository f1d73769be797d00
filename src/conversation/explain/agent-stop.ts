import type { TurnCommand } from '../turn/events.js';

/** A reply that the caller stopped, and where in their audio it fell silent. */
export type AgentStop = { readonly reply: number; readonly atMs: number };

/** What is known of it so far: a reply that is paused may come back. */
export type StopWatch = { readonly paused: AgentStop | undefined; readonly stopped: AgentStop | undefined };

export const nothingStopped: StopWatch = { paused: undefined, stopped: undefined };

/** Follows a turn's commands; only the first stop counts. */
export function watchStop(watch: StopWatch, command: TurnCommand, atMs: number): StopWatch {
  if (watch.stopped) return watch;
  if (command.type === 'pause') return { ...watch, paused: { reply: command.reply, atMs } };
  if (command.type === 'restore') return nothingStopped;
  if (command.type !== 'stop') return watch;
  const { reply } = command;
  return { paused: undefined, stopped: watch.paused?.reply === reply ? watch.paused : { reply, atMs } };
}
