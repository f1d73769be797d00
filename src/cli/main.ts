import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { doctorCommand } from './doctor.js';
import { fail } from './fail.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('parley')
  .description('A voice-agent server that listens, thinks and speaks on your own computer.')
  .version(version)
  .showHelpAfterError('Run with --help to see what is expected.')
  .addHelpText(
    'after',
    `
Begin with:
  parley doctor    what works on this computer, and what to mend
  parley start     the server; then open the address that it prints and press Talk

"parley help COMMAND" shows examples.`,
  );

// The doctor says what is missing, so it must not need it.
if (process.argv[2] !== 'doctor') {
  const { commands } = await import('./commands.js');
  for (const command of commands()) program.addCommand(command);
}
program.addCommand(doctorCommand());

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}
