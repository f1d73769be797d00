import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { describeSettings, readSettings } from '../settings/settings.js';
import { commands } from './commands.js';
import { doctorCommand } from './doctor.js';

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 100 }).outputHelp();
  return help;
}

const all = [...commands(), doctorCommand()].flatMap(withSubcommands);
const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

describe('the help of each command', () => {
  it.each(all.map((command) => [pathOf(command), command] as const))(
    '%s says what it is for, with an example',
    (path, command) => {
      const [, examples] = helpOf(command).split(/^Examples?:$/m);
      expect(command.description()).not.toBe('');
      expect(examples).toMatch(new RegExp(`^  (.*[ |])?parley ${path}`, 'm'));
    },
  );

  it('start lists every variable with its meaning and default', () => {
    const start = all.find((command) => command.name() === 'start');
    const help = start ? helpOf(start) : '';
    const settings = describeSettings();
    expect(settings.length).toBeGreaterThan(Object.keys(readSettings({})).length - 2);
    for (const { name, meaning, standard } of settings) {
      expect(meaning).not.toBe('');
      expect(help).toContain(`  ${name} `);
      if (standard !== undefined && !standard.startsWith('/')) expect(help).toContain(`(${standard})`);
    }
  });
});
