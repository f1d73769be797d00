import { readFile } from 'node:fs/promises';
import { decodeAudioFile } from '../src/audio/decode.js';
import { concatSamples } from '../src/audio/frame.js';
import { resample } from '../src/audio/resample.js';
import { monoOf, writeWav } from '../src/audio/wav.js';
import { speakTones, type ToneVocabulary } from '../src/testing/tone-words.js';
import { fixtureRecordingsOf } from '../test/fixtures/recordings.js';

export const hearingRateHz = 16_000;

export type Spoken = {
  /** 16 kHz mono, with silence before and behind. */
  readonly samples: Float32Array;
  /** Words that are said in it. */
  readonly text: string;
};

/** What is said to the server, and what it is asked to say. */
export type Material = {
  /** A recording with known words. */
  readonly sentence: Spoken;
  /** The same, as a file. */
  readonly sentenceWav: Uint8Array;
  /** A caller who wants something; `text` is one word of it, which has to be understood. */
  readonly order: Spoken;
  /** A text for the voice. */
  readonly text: string;
};

const text = 'Two large teas and one small coffee, please.';

/** A person reading a sentence, and another one who orders. */
export async function recordedMaterial(): Promise<Material> {
  const sentence = fixtureRecordingsOf('sentence').find(({ file }) => file.startsWith('1688'));
  const order = fixtureRecordingsOf('order').find(({ file }) => file.startsWith('8a92'));
  if (!sentence || !order) throw new Error('test/fixtures/recordings lacks a recording that is used here.');
  return materialOf(
    { samples: await read(sentence.path), text: sentence.transcript },
    { samples: await read(order.path), text: order.slots.size ?? '' },
  );
}

/** The same in tones, which scripted engines understand. */
export function toneMaterial(vocabulary: ToneVocabulary): Material {
  const say = (words: string): Float32Array => {
    const quiet = new Float32Array(hearingRateHz / 2);
    const { samples } = speakTones(words, { rateHz: hearingRateHz, vocabulary });
    return concatSamples([quiet, samples, quiet]);
  };
  const words = 'nine quiet foxes lived beyond the seven tall hills';
  return materialOf({ samples: say(words), text: words }, { samples: say('one small coffee'), text: 'small' });
}

function materialOf(sentence: Spoken, order: Spoken): Material {
  return { sentence, sentenceWav: writeWav([sentence.samples], hearingRateHz), order, text };
}

async function read(path: string): Promise<Float32Array> {
  const { channels, rateHz } = await decodeAudioFile(await readFile(path));
  return resample(monoOf(channels), rateHz, hearingRateHz);
}
