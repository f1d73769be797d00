import { longestDigitalSilenceMs } from '../../src/analyser/digital-silence.js';
import type { ParsedLog } from '../../src/conversation/read-event-log.js';
import type { TurnCommand } from '../../src/conversation/turn/events.js';
import type { MadeCall } from '../call/make-calls.js';
import type { Row } from '../support/report.js';
import type { OverAgentSound, PlayedOver } from './over-agent.js';

/** What became of the agent's speech when something was heard over it. */
export type OverlapVerdict = {
  readonly kind: OverAgentSound['kind'];
  readonly origin: OverAgentSound['origin'];
  readonly name: string;
  /** Number of the call, and when the sound began in its recording. */
  readonly call: number;
  readonly atMs: number;
  readonly stopped: boolean;
  readonly lowered: boolean;
  /** Longest gap in what the caller heard of the agent, ms. */
  readonly gapMs: number;
};

/** What a sound causes comes within this long of its end. */
const windowMs = 1_000;
/** A gap that is longer is heard as one. */
const audibleGapMs = 100;

/** Commands of one type with their times in the recording. */
export function commandsOf<Type extends TurnCommand['type']>(
  { records }: ParsedLog,
  type: Type,
): { readonly atMs: number; readonly command: Extract<TurnCommand, { type: Type }> }[] {
  return records.flatMap((record) =>
    record.type === 'command' && record.command.type === type
      ? [{ atMs: record.atMs, command: record.command as Extract<TurnCommand, { type: Type }> }]
      : [],
  );
}

export function interruptionsOf(log: ParsedLog): number[] {
  return commandsOf(log, 'stop').flatMap(({ atMs, command }) => (command.why === 'interrupted' ? [atMs] : []));
}

/** The log's times are positions in the caller's audio, which are those of the recording. */
export function judgeOverlaps(
  played: readonly PlayedOver[],
  { index, result, measured, log }: MadeCall,
): OverlapVerdict[] {
  const stops = interruptionsOf(log);
  const lowerings = commandsOf(log, 'lower').map(({ atMs }) => atMs);
  return played.flatMap(({ sound: { kind, origin, name }, startMs, endMs }) => {
    const untilMs = endMs + windowMs;
    const inWindow = (atMs: number): boolean => atMs >= startMs && atMs <= untilMs;
    const reply = measured.analysis.replies.find((each) => each.startMs <= startMs && each.endMs > startMs);
    if (!reply) return [];
    const heard = { startMs, endMs: Math.min(untilMs, reply.endMs) };
    return [
      {
        kind,
        origin,
        name,
        call: index + 1,
        atMs: startMs,
        stopped: stops.some(inWindow),
        lowered: lowerings.some(inWindow),
        gapMs: longestDigitalSilenceMs(result.agent, result.rateHz, heard),
      },
    ];
  });
}

/** How often the agent went on, by kind and by whether the sound was recorded or made. */
export function overlapRows(verdicts: readonly OverlapVerdict[]): Row[] {
  const groups = [...new Set(verdicts.map(({ kind, origin }) => `${kind}, ${origin}`))].sort();
  return groups.map((group) => {
    const own = verdicts.filter(({ kind, origin }) => `${kind}, ${origin}` === group);
    const wentOn = own.filter(({ stopped, gapMs }) => !stopped && gapMs <= audibleGapMs).length;
    return {
      'heard over the agent': group,
      n: own.length,
      'went on': `${wentOn} (${Math.round((100 * wentOn) / own.length)} %)`,
      stopped: own.filter(({ stopped }) => stopped).length,
      'gap > 100 ms': own.filter(({ stopped, gapMs }) => !stopped && gapMs > audibleGapMs).length,
      lowered: own.filter(({ lowered }) => lowered).length,
    };
  });
}
