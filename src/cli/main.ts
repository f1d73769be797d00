import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { doctorCommand } from './doctor.js';
import { exitCodeOf, fail } from './fail.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('parley')
  .description('A voice-agent server that listens, thinks and speaks on your own computer.')
  .version(version)
  .addHelpText(
    'after',
    `
Begin with:
  parley doctor    what works on this computer, and what to mend
  parley start     the server; then open the address that it prints and press Talk

"parley help COMMAND" shows examples.
Exit code: 0 when it is done, 1 when it cannot be, 2 for wrong usage, 130 after Ctrl-C.`,
  );

// The doctor says what is missing, so it must not need it.
if (process.argv[2] !== 'doctor') {
  const { commands } = await import('./commands.js');
  for (const command of commands()) program.addCommand(command);
}
program.addCommand(doctorCommand());
helpOnMisuse(program);

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}

function helpOnMisuse(command: Command): void {
  command.showHelpAfterError('Run with --help to see what is expected.');
  command.exitOverride((error) => process.exit(exitCodeOf(error)));
  for (const each of command.commands) helpOnMisuse(each);
}
