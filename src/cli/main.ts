import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { analyseCommand } from './analyse.js';
import { callCommand } from './call.js';
import { chatCommand } from './chat.js';
import { fail } from './fail.js';
import { modelsCommand } from './models.js';
import { replayCommand } from './replay.js';
import { sayCommand } from './say.js';
import { startCommand } from './start.js';
import { transcribeCommand } from './transcribe.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('parley')
  .description('A voice-agent server that listens, thinks and speaks on your own computer.')
  .version(version)
  .showHelpAfterError('Run with --help to see what is expected.')
  .addCommand(startCommand())
  .addCommand(callCommand())
  .addCommand(chatCommand())
  .addCommand(transcribeCommand())
  .addCommand(sayCommand())
  .addCommand(modelsCommand())
  .addCommand(analyseCommand())
  .addCommand(replayCommand());

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}
