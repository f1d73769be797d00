import type { Command } from 'commander';
import { analyseCommand } from './analyse.js';
import { callCommand } from './call.js';
import { chatCommand } from './chat.js';
import { explainCommand } from './explain.js';
import { keysCommand } from './keys.js';
import { modelsCommand } from './models.js';
import { pinCommand } from './pin.js';
import { replayCommand } from './replay.js';
import { sayCommand } from './say.js';
import { simulateCommand } from './simulate.js';
import { startCommand } from './start.js';
import { transcribeCommand } from './transcribe.js';
import { tuneCommand } from './tune.js';

/** Every command but `doctor`, which has to work where these cannot be loaded. */
export function commands(): Command[] {
  return [
    startCommand(),
    callCommand(),
    chatCommand(),
    transcribeCommand(),
    sayCommand(),
    modelsCommand(),
    keysCommand(),
    analyseCommand(),
    explainCommand(),
    replayCommand(),
    tuneCommand(),
    pinCommand(),
    simulateCommand(),
  ];
}
