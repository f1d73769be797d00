import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../../platform/layers/transcription/live-events.js';
import { LiveMessages } from './live-messages.js';
import { liveSettingsOf } from './live-options.js';
import { liveQuerySchema } from './stt-query.js';

function messagesWith(query: Readonly<Record<string, string>> = {}): LiveMessages {
  const given = { model: 'pulse', ...query };
  const settings = liveSettingsOf(liveQuerySchema.parse(given), { given, languages: ['en'], wordTimestamps: false });
  return new LiveMessages('s1', settings);
}

const partial = (text: string): LiveEvent => ({
  type: 'partial',
  utterance: 1,
  text,
  stableWords: 0,
  startMs: 0,
  atMs: 500,
});

function final(text: string, fields: Partial<Extract<LiveEvent, { type: 'final' }>> = {}): LiveEvent {
  const words = text
    .split(' ')
    .map((word, index) => ({ text: word, startMs: 100 + 300 * index, endMs: 350 + 300 * index, confidence: 0.91234 }));
  return {
    type: 'final',
    utterance: 1,
    text,
    words: text === '' ? [] : words,
    startMs: 0,
    endMs: 2_000,
    speechEndMs: 1_800,
    probability: undefined,
    ending: 'endpoint',
    because: '',
    ...fields,
  };
}

describe('messages of a live transcription', () => {
  it('have the words twice, as clients of either name expect, and always say whether they are final and last', () => {
    expect(messagesWith().of(partial('Hi, how'))).toEqual([
      {
        type: 'transcription',
        status: 'success',
        session_id: 's1',
        transcript: 'Hi, how',
        transcription: 'Hi, how',
        is_final: false,
        is_last: false,
        from_finalize: false,
      },
    ]);
  });

  it('are not sent twice for the same words, nor for none, nor for punctuation alone', () => {
    const messages = messagesWith();
    expect(
      [partial('Hi'), partial('Hi'), partial(''), partial('.'), final('.')].flatMap((each) => messages.of(each)),
    ).toHaveLength(1);
  });

  it('have words, sentences and all words so far where they are asked for', () => {
    const messages = messagesWith({ word_timestamps: 'true', sentence_timestamps: 'true', full_transcript: 'true' });
    const [first] = messages.of(final('Hello there. How are you?'));
    expect(first).toMatchObject({
      is_final: true,
      speech_final: true,
      language: 'en',
      full_transcript: 'Hello there. How are you?',
      utterances: [
        { text: 'Hello there.', start: 0.1, end: 0.65 },
        { text: 'How are you?', start: 0.7, end: 1.55 },
      ],
    });
    expect(first?.words).toHaveLength(5);
    expect((first?.words as unknown[] | undefined)?.[1]).toEqual({
      word: 'there.',
      start: 0.4,
      end: 0.65,
      confidence: 0.9123,
    });
    expect(messages.of(partial('And'))[0]).toMatchObject({ full_transcript: 'Hello there. How are you?' });
    expect(messages.of(final('And you?'))[0]).toMatchObject({ full_transcript: 'Hello there. How are you? And you?' });
  });

  it('have neither words nor sentences otherwise', () => {
    const [message] = messagesWith().of(final('Hello there.'));
    expect(Object.keys(message ?? {})).not.toEqual(expect.arrayContaining(['words']));
    expect(message).not.toHaveProperty('utterances');
    expect(message).not.toHaveProperty('full_transcript');
  });

  it('tell apart who has finished from who was only cut for length', () => {
    expect(messagesWith().of(final('on and on', { ending: 'length' }))[0]).toMatchObject({
      is_final: true,
      speech_final: false,
    });
  });

  it('answer each finalize with one final, with words or without', () => {
    const messages = messagesWith();
    const answers = [
      final('stop there', { ending: 'finalize' }),
      { type: 'finalized', mark: undefined, atMs: 2_000 } as const,
      { type: 'finalized', mark: undefined, atMs: 2_000 } as const,
      final('.', { ending: 'finalize' }),
      { type: 'finalized', mark: undefined, atMs: 3_000 } as const,
    ].map((event) => messages.of(event).map(({ transcript, from_finalize: from }) => [transcript, from]));
    expect(answers).toEqual([[['stop there', true]], [], [['', true]], [], [['', true]]]);
  });

  it('make the last final that has words the last message', () => {
    const messages = messagesWith();
    messages.close();
    expect(messages.of(final('the last', { ending: 'endpoint' }))).toEqual([]);
    expect(messages.of(final('words', { ending: 'close' }))).toMatchObject([
      { transcript: 'the last', is_last: false },
    ]);
    expect(messages.of({ type: 'finish', audioMs: 4_000 })).toMatchObject([
      { transcript: 'words', is_final: true, is_last: true },
    ]);
  });

  it('end with one without words when nothing was open', () => {
    const messages = messagesWith();
    messages.close();
    expect(messages.of({ type: 'finish', audioMs: 4_000 })).toMatchObject([
      { transcript: '', is_final: true, is_last: true },
    ]);
  });

  it('tell when somebody speaks where that is asked for, in turns', () => {
    const messages = messagesWith({ vad_events: 'true' });
    const told = (
      [
        { type: 'speech-started', utterance: 1, atMs: 1_840 },
        { type: 'speech-paused', utterance: 1, revision: 1, atMs: 3_000 },
        { type: 'speech-resumed', utterance: 1, revision: 1, atMs: 3_200 },
        final('so it was', { speechEndMs: 4_520 }),
        { type: 'speech-started', utterance: 2, atMs: 6_000 },
        { type: 'dropped', utterance: 2, atMs: 6_500 },
      ] as const
    )
      .flatMap((event) => messages.of(event))
      .filter(({ type }) => type !== 'transcription');
    expect(told.map(({ type, timestamp }) => [type, timestamp])).toEqual([
      ['speech_started', 1.84],
      ['speech_ended', 3],
      ['speech_started', 3.2],
      ['speech_ended', 4.52],
      ['speech_started', 6],
      ['speech_ended', 6.5],
    ]);
    expect(
      messagesWith({ vad: 'true', vad_events: 'false' }).of({ type: 'speech-started', utterance: 1, atMs: 0 }),
    ).toEqual([]);
  });

  it('number what was taken out over the whole session, with the times of what it stands for', () => {
    const messages = messagesWith({ redact_pii: 'true', redact_pci: 'true', word_timestamps: 'true' });
    expect(messages.of(partial('call [PHONE] or'))[0]?.transcript).toBe('call [PHONENUMBER_1] or');
    const [first] = messages.of(final('call [PHONE] or [PHONE].'));
    expect(first).toMatchObject({
      transcript: 'call [PHONENUMBER_1] or [PHONENUMBER_2].',
      redacted_entities: ['[PHONENUMBER_1]', '[PHONENUMBER_2]'],
    });
    expect((first?.words as { word: string }[] | undefined)?.map(({ word }) => word)).toEqual([
      'call',
      '[PHONENUMBER_1]',
      'or',
      '[PHONENUMBER_2].',
    ]);
    expect(messages.of(final('[CARD] code [SECURITY_CODE] [PHONE]'))[0]?.transcript).toBe(
      '[ACCOUNTNUMBER_1] code [CREDITCARDCVV_1] [PHONENUMBER_3]',
    );
  });

  it('warn of what did not work, since clients take an error for the end', () => {
    expect(messagesWith().of({ type: 'problem', error: new Error('The recogniser is late.') })).toEqual([
      { type: 'warning', session_id: 's1', message: 'The recogniser is late.', param: null },
    ]);
  });
});
