import { Command } from 'commander';
import { concatSamples } from '../audio/frame.js';
import { writeWav } from '../audio/wav.js';
import { HibariTextToSpeech } from '../engines/hibari/client.js';
import { ComputeGovernor } from '../engines/host/governor.js';
import { ensureModels } from '../models/fetch.js';
import { ParleyError } from '../ports/errors.js';
import { readSettings } from '../settings/settings.js';
import { misused } from './fail.js';
import { assertWritable, writeWhole } from './files.js';
import { createProgressRenderer } from './progress.js';

const progressEveryMs = 2_000;

/** `parley say TEXT --out FILE`: text to a WAV file, without a server. */
export function sayCommand(): Command {
  return new Command('say')
    .description('speak a text into a WAV file (24 kHz, 16 bit, mono)')
    .argument('<text>', 'what to say')
    .requiredOption('--out <file>', 'the WAV file to write')
    .option('--voice <name>', 'the voice', 'heart')
    .option('--speed <factor>', 'pace: 1 is the voice’s own; 0.5 to 2', Number, 1)
    .addHelpText(
      'after',
      `
Examples:
  parley say "Hello! How can I help you?" --out hello.wav
  parley say "$(cat speech.txt)" --out speech.wav --speed 0.9
Needs no server; the model is fetched when it is missing. Exit code: 1 when nothing can be said.`,
    )
    .action(say);
}

async function say(text: string, options: { out: string; voice: string; speed: number }): Promise<void> {
  if (!(options.speed >= 0.5 && options.speed <= 2)) throw misused('--speed takes a number from 0.5 to 2.');
  await assertWritable(options.out);
  const progress = createProgressRenderer(process.stderr);
  const { cacheDir } = readSettings(process.env);
  const models = await ensureModels({ cacheDir, models: ['hibari'], onProgress: progress.onProgress });
  progress.close();
  const tts = new HibariTextToSpeech({ modelDir: models.hibari.dir, governor: new ComputeGovernor() });
  try {
    await tts.start();
    const parts: Float32Array[] = [];
    const { signal } = new AbortController();
    let spokenSamples = 0;
    let saidMs = performance.now();
    for await (const event of tts.speak({ text, voice: options.voice, speed: options.speed, signal })) {
      if (event.type !== 'audio') continue;
      parts.push(event.samples);
      spokenSamples += event.samples.length;
      if (performance.now() - saidMs < progressEveryMs) continue;
      saidMs = performance.now();
      process.stderr.write(`${(spokenSamples / tts.rateHz).toFixed(0)} s of speech…\n`);
    }
    const samples = concatSamples(parts);
    if (samples.length === 0)
      throw new ParleyError('There is nothing to say in this text: no word of it can be spoken.', {
        code: 'cli.nothing_to_say',
      });
    await writeWhole(options.out, writeWav([samples], tts.rateHz));
    process.stderr.write(`${options.out}: ${(samples.length / tts.rateHz).toFixed(2)} s\n`);
  } finally {
    await tts.close();
  }
}
