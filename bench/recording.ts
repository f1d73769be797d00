import { join } from 'node:path';
import { createParser } from 'eventsource-parser';
import { concatSamples, durationMs, samplesOf } from '../src/audio/frame.js';
import { resample } from '../src/audio/resample.js';
import { writeWav } from '../src/audio/wav.js';
import { cueProblems, readSubtitles, type TimedTranscript, timeProblems } from '../test/support/subtitles.js';
import { normVersion } from './scoring/normalize-english.js';
import { wordErrorRate } from './scoring/wer.js';
import type { BenchFlags } from './support/bench.js';
import { withParleyServer } from './support/parley-server.js';
import { audioDir, readMono, readTable } from './support/recordings.js';
import type { BenchResult, Row } from './support/report.js';

const rateHz = 16_000;
const lengthMs = 5 * 60_000;
const betweenMs = 700;

/** A recording of five minutes, in every form that a transcript of it can have. */
export async function benchRecording(flags: BenchFlags): Promise<BenchResult> {
  const { samples, references } = await fiveMinutes(join(audioDir(flags.audio), 'librispeech-other'));
  const audioMs = durationMs(samples.length, rateHz);
  const file = writeWav([samples], rateHz);
  return withParleyServer({ maxCalls: 1, env: { PARLEY_SELF_TEST: 'off' } }, async ({ host }) => {
    const request = requestsOf(host, file);
    const verbose = await request({ response_format: 'verbose_json', granularities: ['word', 'segment'] });
    const transcript = JSON.parse(verbose.text) as TimedTranscript;
    const streamed = await request({ response_format: 'json', stream: 'true', progress: 'true' });
    const srt = await request({ response_format: 'srt' });
    const vtt = await request({ response_format: 'vtt' });
    const { deltas, progress, done } = eventsOf(streamed.text);
    const progressProblems = progress.flatMap((seconds, index) =>
      seconds < (progress[index - 1] ?? 0) ? [`progress goes back to ${seconds} s`] : [],
    );
    const rows: [form: string, took: Took, what: string, problems: string[]][] = [
      [
        'verbose_json, words and segments',
        verbose,
        `${transcript.words.length} words, ${transcript.segments.length} segments`,
        timeProblems(transcript),
      ],
      [
        'stream with progress',
        streamed,
        `${deltas.length} deltas, ${progress.length} times progress`,
        [
          ...progressProblems,
          ...(deltas.join('') === done ? [] : ['the deltas are not the text']),
          ...(done === transcript.text ? [] : ['another text than in verbose_json']),
        ],
      ],
      ...(['srt', 'vtt'] as const).map((form): [string, Took, string, string[]] => {
        const took = form === 'srt' ? srt : vtt;
        const cues = readSubtitles(took.text, form);
        return [form, took, `${cues.length} cues`, cueProblems(cues, transcript)];
      }),
    ];
    const { wer, substitutions, deletions, insertions } = wordErrorRate([
      { reference: references.join(' '), hypothesis: transcript.text },
    ]);
    return {
      title: `Batch: one recording of ${Math.round(audioMs / 1_000)} s, joined of LibriSpeech test-other, at /v1/audio/transcriptions`,
      rows: rows.map(
        ([form, { firstMs, allMs }, what, problems]): Row => ({
          form,
          'first byte s': (firstMs / 1_000).toFixed(1),
          'all s': (allMs / 1_000).toFixed(1),
          'times real time': (audioMs / allMs).toFixed(1),
          what,
          'wrong times, words or cues': problems.length,
        }),
      ),
      notes: [
        `Word error rate ${(100 * (wer ?? Number.NaN)).toFixed(1)} % (${substitutions} substitutions, ${deletions} deletions, ${insertions} insertions; normaliser ${normVersion}).`,
        'Times must go forwards and lie within the recording; each cue must show the next words of verbose_json, from when the first begins to when the last ends.',
        ...rows.flatMap(([form, , , problems]) => problems.slice(0, 5).map((problem) => `${form}: ${problem}`)),
      ],
      details: { transcript, problems: Object.fromEntries(rows.map(([form, , , problems]) => [form, problems])) },
    };
  });
}

/** Recordings one after another, with a pause between each two, until it is long enough. */
async function fiveMinutes(
  dir: string,
): Promise<{ readonly samples: Float32Array; readonly references: readonly string[] }> {
  const parts: Float32Array[] = [];
  const references: string[] = [];
  let length = 0;
  for (const { file = '', transcript = '' } of await readTable(join(dir, 'transcripts.tsv'))) {
    if (durationMs(length, rateHz) >= lengthMs) break;
    const { samples, rateHz: fromHz } = await readMono(join(dir, file));
    const part = await resample(samples, fromHz, rateHz);
    const pause = new Float32Array(samplesOf(betweenMs, rateHz));
    parts.push(part, pause);
    length += part.length + pause.length;
    references.push(transcript);
  }
  return { samples: concatSamples(parts), references };
}

type Took = { readonly text: string; readonly firstMs: number; readonly allMs: number };
type Fields = { readonly granularities?: readonly string[]; readonly [name: string]: string | readonly string[] };

function requestsOf(host: string, file: Uint8Array): (fields: Fields) => Promise<Took> {
  return async ({ granularities = [], ...fields }) => {
    const form = new FormData();
    form.append('model', 'whisper-1');
    for (const [name, value] of Object.entries(fields)) form.append(name, String(value));
    for (const each of granularities) form.append('timestamp_granularities[]', each);
    form.append('file', new Blob([file as Uint8Array<ArrayBuffer>]), 'recording.wav');
    const startMs = performance.now();
    const response = await fetch(`http://${host}/v1/audio/transcriptions`, { method: 'POST', body: form });
    if (!response.ok || !response.body) throw new Error(`${response.status}: ${await response.text()}`);
    const decoder = new TextDecoder();
    let text = '';
    let firstMs: number | undefined;
    for await (const bytes of response.body) {
      firstMs ??= performance.now() - startMs;
      text += decoder.decode(bytes, { stream: true });
    }
    return { text, firstMs: firstMs ?? 0, allMs: performance.now() - startMs };
  };
}

function eventsOf(text: string) {
  const deltas: string[] = [];
  const progress: number[] = [];
  let done = '';
  const parser = createParser({
    onEvent({ data }) {
      const event = JSON.parse(data) as {
        readonly type: string;
        readonly delta?: string;
        readonly text?: string;
        readonly seconds?: number;
      };
      if (event.type === 'transcript.text.delta') deltas.push(event.delta ?? '');
      else if (event.type === 'transcript.progress') progress.push(event.seconds ?? 0);
      else done = event.text ?? '';
    },
  });
  parser.feed(text);
  return { deltas, progress, done };
}
