import { describe, expect, it } from 'vitest';
import { systemClock } from '../observability/system-clock.js';
import type { SpeechToText } from '../ports/speech-to-text.js';
import type { TextToSpeech } from '../ports/text-to-speech.js';
import { ScriptedEndOfTurn } from '../testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../testing/scripted-language-model.js';
import { expectationOf, type MachineFigures, measureMachine } from './self-test.js';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const tts: TextToSpeech = {
  name: 'tone',
  rateHz: 24_000,
  voices: ['one'],
  async *speak() {
    for (let i = 0; i < 4; i++) {
      await pause(20);
      yield { type: 'audio', samples: new Float32Array(24_000).fill(0.1), rateHz: 24_000, words: [] };
    }
    yield { type: 'finish', computeMs: 80 };
  },
  close: async () => {},
};

const stt: SpeechToText = {
  name: 'deaf',
  capabilities: { partials: false, wordTimes: 'none', languages: ['en'] },
  async *listen({ input }) {
    let heard = 0;
    for await (const item of input) {
      if (item.type === 'audio') heard += item.samples.length;
      if (item.type !== 'freeze') continue;
      const common = { type: 'final', utterance: 0, request: 0, text: 'hello', words: [] } as const;
      yield { ...common, audioMs: heard / 16, computeMs: heard / 160 };
    }
  },
  close: async () => {},
};

function engines(reply: string) {
  const languageModel = new ScriptedLanguageModel({
    clock: systemClock,
    reply,
    firstTokenMs: 20,
    tokenMs: 20,
    prefillTokenMs: 4,
  });
  const prefix = { system: 'Be brief.', examples: [] };
  return {
    stt,
    tts,
    endOfTurn: new ScriptedEndOfTurn({ clock: systemClock }),
    languageModel,
    voice: 'one',
    prefix,
    cores: 2,
  };
}

describe('the self-test', () => {
  it('measures each engine on what the one before it gave', async () => {
    const figures = await measureMachine(engines('One two three four five six.'), AbortSignal.timeout(10_000));
    // Four seconds were spoken; the transcript says that it cost a tenth of that.
    expect(figures.sttRealTimeFactor).toBeCloseTo(0.1, 3);
    expect(figures.sttFinalMs).toBeCloseTo(350, 0);
    expect(figures.ttsFirstAudioMs).toBeLessThan(figures.ttsRealTimeFactor * 4_000);
    // Scripted rates, which a busy machine can only lower.
    expect(figures.decodeTokensPerSecond).toBeGreaterThan(0);
    expect(figures.decodeTokensPerSecond).toBeLessThan(70);
    expect(figures.prefillTokensPerSecond).toBeGreaterThan(0);
    expect(figures.prefillTokensPerSecond).toBeLessThan(300);
  });

  it('leaves no call open, and says what an engine did not do', async () => {
    const mute = engines('');
    await expect(measureMachine(mute, AbortSignal.timeout(10_000))).rejects.toMatchObject({
      code: 'self_test.incomplete',
    });
    const options = { callId: 'call', signal: AbortSignal.timeout(1_000) };
    const first = await mute.languageModel.open(mute.prefix, options);
    const second = await mute.languageModel.open(mute.prefix, options);
    first.close();
    second.close();
  });

  const measured: MachineFigures = {
    cores: 2,
    prefillTokensPerSecond: 45,
    decodeTokensPerSecond: 17,
    sttFinalMs: 124,
    sttRealTimeFactor: 0.035,
    endOfTurnMs: 70,
    ttsFirstAudioMs: 40,
    ttsRealTimeFactor: 0.2,
    tookMs: 2_000,
  };
  const options = { minWaitMs: 600, maxCalls: 8 };

  it('expects the sum of a turn, or the wait where that is longer', () => {
    // 90 noticed, 124 transcript, 200 prefill, 353 clause, 40 audio, 150 contention, 30 output.
    expect(expectationOf(measured, options).responseLatencyMs).toBe(987);
    const fast = { ...measured, prefillTokensPerSecond: 500, decodeTokensPerSecond: 200 };
    expect(expectationOf(fast, options).responseLatencyMs).toBe(630);
  });

  it('expects more calls of more and faster cores, never none, and no more than are let in', () => {
    expect(expectationOf(measured, options).concurrentCalls).toBe(2);
    expect(expectationOf({ ...measured, cores: 8 }, options).concurrentCalls).toBe(8);
    expect(expectationOf({ ...measured, cores: 8 }, { ...options, maxCalls: 3 }).concurrentCalls).toBe(3);
    const slow = { ...measured, prefillTokensPerSecond: 4, decodeTokensPerSecond: 1 };
    expect(expectationOf(slow, options).concurrentCalls).toBe(1);
    const remote = { ...measured, prefillTokensPerSecond: 0, decodeTokensPerSecond: 100 };
    expect(expectationOf(remote, options).concurrentCalls).toBeGreaterThan(2);
  });
});
