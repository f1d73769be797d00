import { Command } from 'commander';
import { decodableFormats, decodeAudioFile } from '../audio/decode.js';
import { durationMs } from '../audio/frame.js';
import { resample } from '../audio/resample.js';
import { monoOf } from '../audio/wav.js';
import { transcribeSamples, transcribeSegments } from '../conversation/listen/transcribe-samples.js';
import { ComputeGovernor } from '../engines/host/governor.js';
import { MoonshineSpeechToText } from '../engines/moonshine/client.js';
import { SileroVoiceActivity } from '../engines/silero/client.js';
import { ensureModels } from '../models/fetch.js';
import { readSettings } from '../settings/settings.js';
import { inFile, readNamedFile } from './files.js';
import { createProgressRenderer } from './progress.js';
import { createProgressLine } from './progress-line.js';

const rateHz = 16_000;
const largestRecordingBytes = 1024 ** 3;

/** `parley transcribe FILE`: speech to text, without a server. */
export function transcribeCommand(): Command {
  return new Command('transcribe')
    .description('write down what is said in a recording')
    .argument('<file>', 'the recording: any rate, mono or stereo')
    .option(
      '--json',
      'one JSON document: {"text", "segments": [{"text", "startMs", "endMs", "confidence", "words"}], "words": [{"text", "startMs", "endMs", "confidence"}]}',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  parley transcribe meeting.mp3\n  parley transcribe meeting.mp3 --json > words.json',
    )
    .action(transcribe);
}

async function transcribe(file: string, options: { json?: true }): Promise<void> {
  const samples = await samplesOfFile(file);
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
  const line = createProgressLine(process.stderr, 'transcribing');
  try {
    await Promise.all([vad.start(), stt.start()]);
    const totalMs = durationMs(samples.length, rateHz);
    const signal = new AbortController().signal;
    const onProgress = (doneMs: number): void => line.update(doneMs, totalMs);
    if (options.json) {
      const { text, segments, words } = await transcribeSamples(samples, { vad, stt, signal, onProgress });
      line.close();
      process.stdout.write(`${JSON.stringify({ text, segments, words })}\n`);
      return;
    }
    for await (const { text } of transcribeSegments(samples, { vad, stt, signal, onProgress })) {
      line.close();
      process.stdout.write(`${text}\n`);
    }
  } finally {
    line.close();
    await Promise.all([vad.close(), stt.close()]);
  }
}

/** Of the file only these samples stay in memory: 230 MB for an hour. */
async function samplesOfFile(file: string): Promise<Float32Array> {
  const bytes = await readNamedFile(file, {
    largestBytes: largestRecordingBytes,
    code: 'cli.bad_recording',
    expected: `a recording: ${decodableFormats}`,
  });
  try {
    const { channels, rateHz: fileHz } = await decodeAudioFile(bytes);
    return await resample(monoOf(channels), fileHz, rateHz);
  } catch (error) {
    throw inFile(file, error);
  }
}
