import { expect, it } from 'vitest';
import { concatSamples } from '../../audio/frame.js';
import { systemClock as clock } from '../../observability/system-clock.js';
import { ScriptedSpeechToText } from '../../testing/scripted-speech-to-text.js';
import { ScriptedVoiceActivity } from '../../testing/scripted-voice-activity.js';
import { speakTones, ToneVocabulary } from '../../testing/tone-words.js';
import { transcribeStream } from './transcribe-samples.js';

const rateHz = 16_000;

it('tells progress that goes forwards to the end, however speech and silence take turns', async () => {
  const vocabulary = new ToneVocabulary();
  const said = speakTones('two large teas and one coffee', { rateHz, vocabulary }).samples;
  const audio = concatSamples([0.3, 1.5, 0.8, 3, 0.2].flatMap((seconds) => [said, new Float32Array(seconds * rateHz)]));
  const pieces = Array.from({ length: Math.ceil(audio.length / 4_000) }, (_, at) =>
    audio.subarray(at * 4_000, (at + 1) * 4_000),
  );
  const told: number[] = [];
  let segments = 0;
  const stt = new ScriptedSpeechToText({ clock, transcripts: () => 'two large teas', finalLatencyMs: 0 });
  const { signal } = new AbortController();
  for await (const event of transcribeStream(pieces, { vad: new ScriptedVoiceActivity({ clock }), stt, signal }))
    if (event.type === 'progress') told.push(event.doneMs);
    else segments += 1;
  expect(segments).toBeGreaterThan(2);
  expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
  expect(told.at(-1)).toBeGreaterThan((audio.length / rateHz) * 1_000 - 1_100);
});
