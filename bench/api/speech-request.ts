import { decodePcm16 } from '../../src/audio/pcm.js';
import { realtimeRateHz } from '../../src/client/pcm.js';
import { HeardAudio } from './heard-audio.js';
import { answered, type Sample } from './sample.js';

/** Has a text spoken, played as it comes, and gives the times since the request: `tts_ttfb`, `tts_ttfa` and more. */
export async function requestSpeech(host: string, text: string): Promise<Sample> {
  const heard = new HeardAudio(realtimeRateHz);
  const startMs = performance.now();
  let firstByteMs: number | undefined;
  for await (const { samples, atMs } of speechOf(host, text)) {
    firstByteMs ??= atMs;
    heard.add(samples, atMs);
  }
  const doneMs = performance.now();
  const audibleMs = heard.audibleMs();
  if (firstByteMs === undefined || audibleMs === undefined) throw new Error('an answer without a sound');
  return {
    tts_ttfb: firstByteMs - startMs,
    tts_ttfa: audibleMs - startMs,
    done: doneMs - startMs,
    audio: heard.lengthMs,
    gap: heard.longestGapMs,
  };
}

/** Speech as it comes over the socket, PCM at 24 kHz. */
export async function* speechOf(
  host: string,
  input: string,
  signal?: AbortSignal,
): AsyncGenerator<{ readonly samples: Float32Array; readonly atMs: number }, void, undefined> {
  const response = await fetch(`http://${host}/v1/audio/speech`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tts-1', input, response_format: 'pcm', sample_rate: realtimeRateHz }),
    ...(signal ? { signal } : {}),
  });
  let odd: Uint8Array = new Uint8Array();
  for await (const bytes of await answered(response)) {
    const atMs = performance.now();
    const joined = odd.length === 0 ? bytes : Buffer.concat([odd, bytes]);
    odd = joined.subarray(joined.length & ~1);
    yield { samples: decodePcm16(joined.subarray(0, joined.length & ~1)), atMs };
  }
}
