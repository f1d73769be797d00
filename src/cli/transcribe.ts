import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { decodeAudioFile } from '../audio/decode.js';
import { resample } from '../audio/resample.js';
import { monoOf } from '../audio/wav.js';
import { transcribeSamples } from '../conversation/listen/transcribe-samples.js';
import { ComputeGovernor } from '../engines/host/governor.js';
import { MoonshineSpeechToText } from '../engines/moonshine/client.js';
import { SileroVoiceActivity } from '../engines/silero/client.js';
import { ensureModels } from '../models/fetch.js';
import { readSettings } from '../settings/settings.js';
import { createProgressRenderer } from './progress.js';

/** `parley transcribe FILE`: speech to text, without a server. */
export function transcribeCommand(): Command {
  return new Command('transcribe')
    .description('write down what is said in a recording')
    .argument('<file>', 'the recording: any rate, mono or stereo')
    .option('--json', 'one JSON document: {"text", "words": [{"text", "startMs", "endMs"}]}; word times are estimates')
    .addHelpText(
      'after',
      '\nExamples:\n  parley transcribe meeting.mp3\n  parley transcribe meeting.mp3 --json > words.json',
    )
    .action(transcribe);
}

async function transcribe(file: string, options: { json?: true }): Promise<void> {
  const { channels, rateHz } = await decodeAudioFile(new Uint8Array(await readFile(file)));
  const samples = await resample(monoOf(channels), rateHz, 16_000);
  const progress = createProgressRenderer(process.stderr);
  const { cacheDir } = readSettings(process.env);
  const models = await ensureModels({
    cacheDir,
    models: ['moonshine-tiny-en', 'silero-vad'],
    onProgress: progress.onProgress,
  });
  progress.close();
  const vad = new SileroVoiceActivity({ modelPath: models['silero-vad'].files['silero_vad.onnx'] });
  const stt = new MoonshineSpeechToText({ modelDir: models['moonshine-tiny-en'].dir, governor: new ComputeGovernor() });
  try {
    await Promise.all([vad.start(), stt.start()]);
    const { text, words } = await transcribeSamples(samples, { vad, stt, signal: new AbortController().signal });
    process.stdout.write(options.json ? `${JSON.stringify({ text, words })}\n` : `${text}\n`);
  } finally {
    await Promise.all([vad.close(), stt.close()]);
  }
}
