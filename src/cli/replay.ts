import { Command } from 'commander';
import { eventLogSchema } from '../conversation/event-log.js';
import { replay } from '../conversation/replay.js';
import { callArgument, readStoredCall } from './stored-call.js';

/** `parley replay CALL`: a call's log through the turn machine again. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('run a recorded call through the turn machine again and compare every command with what was logged')
    .argument('<call>', callArgument)
    .option('--unfinished', 'take a log that stops before its call does')
    .option('--json', 'the report as one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  parley replay ~/.parley/calls/call_5f0c
  parley replay ~/.parley/calls/call_5f0c/events.jsonl --json
Exit code: 0 when the replay is equal to what was logged, else 1.`,
    )
    .action(async (call: string, options: { json?: true; unfinished?: true }) => {
      const { log } = await readStoredCall(call, options);
      const report = replay(log);
      const faithful = report.differences.length === 0 && report.disagreements.length === 0;
      if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
      else {
        process.stdout.write(`${report.callId}: ${report.events} events, ${report.commands} commands\n`);
        for (const { seq, event, logged, replayed } of report.differences)
          process.stdout.write(
            `record ${seq} (${event}): logged ${JSON.stringify(logged)}, replayed ${JSON.stringify(replayed)}\n`,
          );
        for (const { seq, command, why } of report.disagreements)
          process.stdout.write(`record ${seq} (${command}): ${why}\n`);
        if (report.differences.length > 0 && log.writtenSchema < eventLogSchema)
          process.stdout.write(
            `The log was written by an earlier Parley (schema ${log.writtenSchema}): its turn machine may have decided otherwise.\n`,
          );
        if (faithful) process.stdout.write('The replay is equal, and every command agrees with its recorded effect.\n');
      }
      if (!faithful) process.exitCode = 1;
    });
}
