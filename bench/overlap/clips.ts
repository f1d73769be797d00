import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatSamples, durationMs } from '../../src/audio/frame.js';
import { rms } from '../../src/audio/loudness.js';
import { resample } from '../../src/audio/resample.js';
import type { SpokenPiece } from '../../src/conversation/speak/spoken-piece.js';
import type { SpokenWord, TextToSpeech } from '../../src/ports/text-to-speech.js';
import { rateHz } from './sounds.js';

/** What the agent says in the trials. */
export const agentTexts = [
  'We have tea, coffee, hot chocolate and fresh orange juice. Which one would you like to try this morning?',
  'Your table is booked for Tuesday at seven, for four people, by the window. Is there anything else I can do for you?',
  'The parcel left our warehouse on Monday, and the driver will bring it between nine and eleven tomorrow.',
  'I can offer you the small plan for ten dollars a month, or the large one, which has no limits, for twenty.',
  'Thank you for calling. To find your order I need the number on the receipt, it begins with two letters.',
  'Our shop is open from eight in the morning until six in the evening, except on Sundays and on public holidays.',
  'Let me read that back to you: one large latte with oat milk, two espressos, and a slice of lemon cake.',
  'The next train to the airport leaves from platform three in twelve minutes, and there is another one at noon.',
  'I have changed your address. The new card will be sent there within five days, and the old one stops working.',
  'The doctor has time on Wednesday afternoon or on Friday morning. Which of the two would suit you better?',
] as const;

/** People who listen, and people who interrupt: there are no recordings of them, so that voices are made. */
export const backchannelTexts = [
  'Mm-hmm.',
  'Uh-huh.',
  'Right.',
  'Okay.',
  'Yeah.',
  'Sure.',
  'I see.',
  'Got it.',
  'Oh.',
  'Yes.',
] as const;
export const stopTexts = [
  'Wait.',
  'Stop.',
  'No.',
  'Hold on.',
  'Excuse me.',
  'Actually, I would like the other one.',
  'Wait a second.',
  'No, not that one.',
  'Sorry, can you stop there?',
  'Hang on a moment.',
] as const;
/** The rules were chosen with the texts above; these, in these sizes, they had not seen. */
export const otherBackchannelTexts = [
  'Mm-hmm.',
  'Uh-huh.',
  'Right.',
  'Okay.',
  'I see.',
  'Got it.',
  'Yep.',
  'Great.',
  'All right.',
  'Oh, okay.',
] as const;
export const otherStopTexts = ['Wait.', 'Stop.', 'Hold on.', 'Excuse me.', 'One moment.', 'Hey, listen.'] as const;
export const otherVoiceSizes = [0.88, 1, 1.11] as const;
/** Pitch and formants together: below 1 a larger speaker. */
export const voiceSizes = [0.84, 0.93, 1.05, 1.18] as const;

/** Speaks a text, or takes it from where it was kept when it was spoken before. 16 kHz. */
export async function spoken(tts: TextToSpeech, text: string, size = 1): Promise<SpokenPiece> {
  const dir = join(tmpdir(), 'parley-overlap-clips');
  const name = createHash('sha256').update(`${tts.name}/${text}/${size}`).digest('hex').slice(0, 24);
  const file = join(dir, `${name}.json`);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept) {
    const { words, audio } = JSON.parse(kept) as { words: SpokenWord[]; audio: string };
    const bytes = Buffer.from(audio, 'base64');
    const samples = new Float32Array(new Uint8Array(bytes).buffer);
    return { text, samples, rateHz, words };
  }
  const parts: Float32Array[] = [];
  const words: SpokenWord[] = [];
  let fromMs = 0;
  for await (const event of tts.speak({ text, voice: tts.voices[0] ?? '', signal: new AbortController().signal })) {
    if (event.type !== 'audio') continue;
    for (const word of event.words)
      words.push({ text: word.text, startMs: (fromMs + word.startMs) / size, endMs: (fromMs + word.endMs) / size });
    parts.push(event.samples);
    fromMs += durationMs(event.samples.length, event.rateHz);
  }
  const samples = await resample(concatSamples(parts), Math.round(tts.rateHz * size), rateHz);
  await mkdir(dir, { recursive: true });
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  await writeFile(file, JSON.stringify({ words, audio: bytes.toString('base64') }));
  return { text, samples, rateHz, words };
}

/** Without what is silent before and after it; `firstWordMs`: where its first word ends then. */
export function trimmed({ samples, words }: SpokenPiece): { samples: Float32Array; firstWordMs: number | undefined } {
  const hop = rateHz / 100;
  const levels = Array.from({ length: Math.floor(samples.length / hop) }, (_, i) =>
    rms(samples.subarray(i * hop, (i + 1) * hop)),
  );
  const audible = Math.max(...levels) * 10 ** (-35 / 20);
  const first = Math.max(
    0,
    levels.findIndex((level) => level > audible),
  );
  const last = levels.findLastIndex((level) => level > audible);
  const [word] = words ?? [];
  return {
    samples: samples.slice(first * hop, (last + 1) * hop),
    firstWordMs: word && word.endMs - durationMs(first * hop, rateHz),
  };
}
