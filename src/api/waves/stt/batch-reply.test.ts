import { describe, expect, it } from 'vitest';
import { type BatchReplyOptions, batchReply, batchReplySchema } from './batch-reply.js';

function reply(options: Partial<BatchReplyOptions> = {}, texts = ['Hello there. Call [PHONE].', 'Or [PHONE].']) {
  const segments = texts.map((text, at) => {
    const words = text.split(' ').map((word, index) => ({
      text: word,
      startMs: at * 5_000 + index * 200,
      endMs: at * 5_000 + index * 200 + 150,
      confidence: 0.99756,
    }));
    return { text, words, startMs: at * 5_000, endMs: at * 5_000 + 1_000, confidence: 0.9 };
  });
  const transcribed = {
    segments,
    audioMs: 5_280,
    bytes: 465_740,
    computeMs: 172.114,
    language: 'en',
    requestId: 'req_1',
  };
  const result = batchReply(transcribed, {
    wordTimestamps: false,
    sentenceTimestamps: false,
    redacts: false,
    form: 'pulse',
    ...options,
  });
  return batchReplySchema.strict().parse(result);
}

describe('the transcript of a recording', () => {
  it('has no words and sentences unless they are asked for', () => {
    expect(reply({}, ['Hello there.'])).toEqual({
      status: 'success',
      transcription: 'Hello there.',
      words: [],
      utterances: [],
      metadata: { duration: 5.28, fileSize: 465_740 },
    });
  });

  it('has both with word_timestamps, and labels that are numbered over all of it', () => {
    const {
      words,
      utterances,
      transcription,
      redacted_entities: entities,
    } = reply({
      wordTimestamps: true,
      redacts: true,
    });
    expect(transcription).toBe('Hello there. Call [PHONENUMBER_1]. Or [PHONENUMBER_2].');
    expect(words).toHaveLength(6);
    expect(words[5]).toEqual({ word: '[PHONENUMBER_2].', start: 5.2, end: 5.35, confidence: 0.9976 });
    expect(utterances).toEqual([
      { text: 'Hello there.', start: 0, end: 0.35 },
      { text: 'Call [PHONENUMBER_1].', start: 0.4, end: 0.75 },
      { text: 'Or [PHONENUMBER_2].', start: 5, end: 5.35 },
    ]);
    expect(entities).toEqual(['[PHONENUMBER_1]', '[PHONENUMBER_2]']);
  });

  it('has sentences without words where only they are asked for', () => {
    const { words, utterances } = reply({ sentenceTimestamps: true });
    expect([words.length, utterances?.length]).toEqual([0, 3]);
  });

  it('tells of the work for pulse-pro, in the form that this has', () => {
    expect(reply({ form: 'pulse-pro' }, ['Hello.'])).toEqual({
      status: 'success',
      transcription: 'Hello.',
      words: [],
      language: 'en',
      metadata: { duration: 5.28, processing_time_ms: 172.11, rtfx: 30.7, num_chunks: 1 },
      totalBytes: 465_740,
      request_id: 'req_1',
    });
  });

  it('tells its length as text at the older path', () => {
    expect(reply({ form: 'older' }).audio_length).toBe('5.28');
  });
});
