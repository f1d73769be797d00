import { describe, expect, it } from 'vitest';
import { usualKeywordWeight } from '../../../ports/keyword-limits.js';
import { liveSettingsOf } from './live-options.js';
import { readKeywords } from './stt-keywords.js';
import { sttOptionsOf } from './stt-options.js';
import { batchQuerySchema, liveQuerySchema } from './stt-query.js';
import { parametersOf, readParameters } from './stt-request.js';

const english = ['en'];

function batch(query: string) {
  return sttOptionsOf(
    readParameters(batchQuerySchema, parametersOf(new URL(`http://s/?model=pulse&${query}`))),
    english,
  );
}

function live(query: string) {
  const given = parametersOf(new URL(`http://s/?model=pulse&${query}`));
  return liveSettingsOf(readParameters(liveQuerySchema, given), { given, languages: english, wordTimestamps: false });
}

describe('what a transcription is asked for', () => {
  it('is written with punctuation and capitals, as the recogniser writes numbers, where nothing is said', () => {
    const { transcript, reported } = batch('language=en');
    expect(transcript).toEqual({
      language: 'en',
      keywords: [],
      punctuation: true,
      casing: true,
      numerals: false,
      redact: [],
    });
    expect(reported).toEqual([]);
  });

  it.each([
    ['punctuate=false', { punctuation: false, casing: true }],
    ['capitalize=false', { punctuation: true, casing: false }],
    ['numerals=true', { numerals: true }],
    ['itn_normalize=true', { numerals: true }],
    ['numerals=auto', { numerals: false }],
    ['format=false&numerals=true&punctuate=true', { punctuation: false, casing: false, numerals: false }],
    ['redact_pci=true', { redact: ['pci'] }],
    ['redact_pii=true&redact_pci=true', { redact: ['pii', 'pci'] }],
  ])('%s is written so', (query, expected) => {
    expect(batch(query).transcript).toMatchObject(expected);
  });

  it('reports what it has no model for, and only where it is asked for', () => {
    const { reported } = batch('diarize=true&emotion_detection=true&gender_detection=false&age_detection=1');
    expect(reported.map(({ name }) => name)).toEqual(['diarize', 'emotion_detection', 'age_detection']);
  });

  it('reports a language that the model does not know, by itself or in a group, and takes the usual one', () => {
    for (const language of ['hi', 'multi-eu', 'north_indic']) {
      const { reported, transcript, language: told } = batch(`language=${language}`);
      expect(reported).toMatchObject([{ name: 'language', message: expect.stringContaining(`"${language}"`) }]);
      expect([transcript.language, told]).toEqual([undefined, 'en']);
    }
    expect(batch('language=en-IN')).toMatchObject({ transcript: { language: 'en-IN' }, reported: [] });
  });

  it('says that names of people stay', () => {
    expect(batch('redact_pii=true').reported).toMatchObject([{ name: 'redact_pii' }]);
  });

  it('refuses a switch that is neither on nor off, by its name', () => {
    expect(() => batch('word_timestamps=maybe')).toThrow('word_timestamps: expected true or false.');
  });
});

describe('keywords', () => {
  it('have the usual weight for a multiplier of 1, and grow and shrink with it', () => {
    expect(readKeywords('Blackwell,Jensen Huang:2, small language model:1 ,Ohm:0.5,')).toEqual([
      { text: 'Blackwell', weight: usualKeywordWeight },
      { text: 'Jensen Huang', weight: usualKeywordWeight + 0.5 },
      { text: 'small language model', weight: usualKeywordWeight },
      { text: 'Ohm', weight: usualKeywordWeight / 2 },
    ]);
  });

  it('never weigh more than an engine takes', () => {
    expect(readKeywords('Ohm:1000')[0]?.weight).toBe(10);
  });

  it.each(['Ohm:much', 'Ohm:-1', 'Ohm:0', 'Ohm:', ':2'])('%s is refused', (given) => {
    expect(() => readKeywords(given)).toThrow(/no phrase with a multiplier/);
  });

  it('may come in several parameters', () => {
    expect(batch('keywords=Ohm&keywords=Blackwell:1').transcript.keywords).toHaveLength(2);
  });
});

describe('when a live utterance ends', () => {
  it.each([
    ['', 800],
    ['eou_timeout_ms=100', 100],
    ['endpointing=true', 300],
    ['endpointing=true&endpointing_timeout=500', 500],
    ['endpointing=true&endpointing_timeout=900&eou_timeout_ms=600', 600],
  ])('%s: after so much silence', (query, silenceMs) => {
    expect(live(query)).toMatchObject({ endpointing: { type: 'silence', silenceMs }, reported: [] });
  });

  it.each([
    ['0', 100],
    ['-5', 100],
    ['99999', 10_000],
    ['soon', 800],
  ])('eou_timeout_ms=%s does not cost the session: another is taken, and told', (given, silenceMs) => {
    const settings = live(`eou_timeout_ms=${given}`);
    expect(settings.endpointing).toEqual({ type: 'silence', silenceMs });
    expect(settings.reported).toMatchObject([
      { name: 'eou_timeout_ms', message: expect.stringContaining(`${silenceMs} ms`) },
    ]);
  });

  it('reports parameters that mean nothing here', () => {
    expect(live('vad_threshold=0.7&max_words=12').reported.map(({ name }) => name)).toEqual([
      'vad_threshold',
      'max_words',
    ]);
  });

  it.each([
    ['encoding=ogg_opus', 'encoding'],
    ['sample_rate=4000', 'sample_rate'],
    ['sample_rate=fast', 'sample_rate'],
  ])('%s is refused', (query, name) => {
    expect(() => live(query)).toThrow(name);
  });

  it('takes mu-law at 8 kHz', () => {
    expect(live('encoding=mulaw&sample_rate=8000')).toMatchObject({ encoding: 'mulaw', rateHz: 8_000 });
  });
});
