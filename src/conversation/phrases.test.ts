import { describe, expect, it } from 'vitest';
import { ScriptedTextToSpeech } from '../testing/scripted-text-to-speech.js';
import { decodedText } from '../testing/tone-decoder.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { defaultPhraseTexts, phraseSource, renderPhrase, renderPhrases } from './phrases.js';

const signal = new AbortController().signal;

describe('phrases', () => {
  it('are rendered once and need no engine afterwards', async () => {
    const tts = new ScriptedTextToSpeech({ clock: new VirtualClock({ auto: true }) });
    const set = await renderPhrases(tts, 'tones', defaultPhraseTexts, signal);
    await tts.close();
    const { rateHz, vocabulary } = tts;
    expect(Object.keys(set)).toEqual(Object.keys(defaultPhraseTexts));
    const [filler] = set.filler[0] ?? [];
    expect(set.filler).toHaveLength(3);
    expect(filler?.text).toBe('One moment, please.');
    expect(decodedText(filler?.samples ?? new Float32Array(0), { rateHz, vocabulary })).toBe('one moment please');
    expect(phraseSource(set.goodbye[0] ?? [])).toMatchObject({ complete: true, text: defaultPhraseTexts.goodbye });
  });

  it('a phrase without words is silence, not a request', async () => {
    const tts = new ScriptedTextToSpeech({ clock: new VirtualClock({ auto: true }) });
    expect(await renderPhrase(tts, 'tones', '  ', signal)).toEqual([]);
    expect(tts.clauses).toEqual([]);
  });

  it('the text belongs to the first of several stretches of audio', async () => {
    const tts = new ScriptedTextToSpeech({ clock: new VirtualClock({ auto: true }) });
    const samples = new Float32Array(10);
    const twice = {
      name: 'twice',
      rateHz: 24_000,
      voices: ['a'],
      close: () => tts.close(),
      async *speak() {
        yield { type: 'audio' as const, samples, rateHz: 24_000, words: [] };
        yield { type: 'audio' as const, samples: new Float32Array(0), rateHz: 24_000, words: [] };
        yield { type: 'audio' as const, samples, rateHz: 24_000, words: [] };
        yield { type: 'finish' as const, computeMs: 1 };
      },
    };
    const pieces = await renderPhrase(twice, 'a', 'Hello there.', signal);
    expect(pieces.map((piece) => piece.text)).toEqual(['Hello there.', '']);
  });
});
