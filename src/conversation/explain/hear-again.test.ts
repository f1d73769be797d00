import { describe, expect, it } from 'vitest';
import type { EndOfTurn } from '../../ports/end-of-turn.js';
import type { SpeechToText } from '../../ports/speech-to-text.js';
import { type VoiceActivity, vadWindowSamples } from '../../ports/voice-activity.js';
import { LogPen } from '../event-log-fixture.js';
import { parseEventLog } from '../read-event-log.js';
import { parseSettingChange } from '../turn/change-settings.js';
import { CallerAudio, type Ears } from './caller-audio.js';
import { hearAgain, hearingFrom } from './hear-again.js';
import { type RecordedCall, recordedCall } from './recorded-turns.js';
import { whatIf } from './what-if.js';

/** Speech is a sample of 0.5, silence none: these ears count, and say how much audio they were given. */
function ears(change: { readonly quiet?: number; readonly text?: string; readonly probability?: number } = {}) {
  const heardSamples: number[] = [];
  const vad: VoiceActivity = {
    name: 'level',
    open: () => ({
      push: async (window) => ((window[0] ?? 0) > 0 ? 0.987_654_321 : (change.quiet ?? 0.01)),
      close: () => {},
    }),
    close: async () => {},
  };
  const endOfTurn: EndOfTurn = {
    name: 'fixed',
    lookBackMs: 8_000,
    predict: async () => ({ probability: change.probability ?? 1, computeMs: 1 }),
    close: async () => {},
  };
  const stt: SpeechToText = {
    name: 'fixed',
    capabilities: { partials: false, wordTimes: 'none', languages: ['en'] },
    async *listen({ input }) {
      let audioSamples = 0;
      for await (const each of input) {
        if (each.type === 'audio') audioSamples += each.samples.length;
        if (each.type !== 'freeze') continue;
        heardSamples.push(audioSamples);
        const { utterance, request } = each;
        const text = change.text ?? 'A coffee, please.';
        yield { type: 'final', utterance, request, text, words: [], audioMs: audioSamples / 16, computeMs: 1 };
      }
    },
    close: async () => {},
  };
  return { ears: { vad, stt, endOfTurn } satisfies Ears, heardSamples };
}

/** One turn of 640 ms, and the audio that it came from. */
function oneTurn(): { readonly call: RecordedCall; readonly samples: Float32Array } {
  const pen = new LogPen();
  pen.tell({ type: 'begin', greeting: false });
  pen.silence(1_600);
  pen.speech(640);
  pen.silence(480, { probability: 1, text: 'a coffee please' });
  pen.reply(960);
  pen.tell({ type: 'hung-up', reason: 'gone' });
  const call = recordedCall(parseEventLog(pen.text));
  const samples = new Float32Array(100 * vadWindowSamples);
  samples.fill(0.5, 50 * vadWindowSamples, 70 * vadWindowSamples);
  return { call, samples };
}

const signal = new AbortController().signal;

describe('the ears again', () => {
  it('agree with the log when they hear the same', async () => {
    const { call, samples } = oneTurn();
    const { ears: same, heardSamples } = ears();
    const heard = await hearAgain(call, new CallerAudio(samples, same, signal));
    expect(heard.windows).toMatchObject({ logged: 115, compared: 100, beyondTolerance: 0, otherSide: 0 });
    expect(heard.estimates).toMatchObject({ compared: 1, beyondTolerance: 0 });
    expect(heard.transcripts).toMatchObject({ compared: 1, sameWords: 1, equal: 0, different: [] });
    // From 800 ms before the turn to the window in which its end was suspected.
    expect(heardSamples).toEqual([(800 + 640 + 96) * 16]);
  });

  it('tell how many windows, estimates and transcripts differ, and the largest difference', async () => {
    const { call, samples } = oneTurn();
    const { ears: other } = ears({ quiet: 0.6, probability: 0.4, text: 'a toffee please' });
    const heard = await hearAgain(call, new CallerAudio(samples, other, signal));
    expect(heard.windows).toMatchObject({ beyondTolerance: 80, otherSide: 80, largest: { logged: 0.01, again: 0.6 } });
    expect(heard.estimates).toMatchObject({ beyondTolerance: 1, largest: { logged: 1, again: 0.4 } });
    expect(heard.transcripts.different).toEqual([
      { turn: 1, revision: 1, logged: 'a coffee please', again: 'a toffee please' },
    ]);
  });

  it('answer what other settings would have asked, as late as is usual in the call', async () => {
    const { call, samples } = oneTurn();
    const audio = new CallerAudio(samples, ears({ probability: 1 }).ears, signal);
    const changes = [parseSettingChange('endpointing.suspectMs=256')];
    const { turns } = await whatIf(call, changes, hearingFrom(call, audio));
    expect(turns[0]).toMatchObject({
      heardFrom: 'recording',
      wouldBe: { end: { text: 'A coffee, please.' } },
      laterMs: 0,
    });
  });
});
