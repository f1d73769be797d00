import { describe, expect, it } from 'vitest';
import { ScriptedSpeechToText } from '../../scripted-speech-to-text.js';
import { ScriptedVoiceActivity } from '../../scripted-voice-activity.js';
import { VirtualClock } from '../../virtual-clock.js';
import { hearWords } from './hear-words.js';
import { madeSpeech } from './made-speech-fixture.js';
import { choosePauses } from './pauses.js';

describe('words that are heard', () => {
  const clock = new VirtualClock();
  const engines = {
    vad: new ScriptedVoiceActivity({ clock }),
    stt: new ScriptedSpeechToText({
      clock,
      transcripts: ['a cup of tea please'],
      finalLatencyMs: 0,
      partialEveryMs: 0,
    }),
    signal: new AbortController().signal,
  };

  it('come to a sound with their times, so that pauses can be put between them', async () => {
    const { words: _, ...unknown } = madeSpeech();
    const heard = await hearWords(unknown, engines);
    expect(heard.words?.map(({ text }) => text).join(' ')).toBe('a cup of tea please');
    expect(heard.speech).toEqual(unknown.speech);
    const starts = heard.words?.map(({ startMs }) => startMs) ?? [];
    expect(Math.min(...starts)).toBeGreaterThanOrEqual(200);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(choosePauses(heard, 1, { count: 1, minMs: 300, maxMs: 400 })).toHaveLength(1);
  });

  it('are refused of a sound at another rate', async () => {
    await expect(hearWords(madeSpeech(8_000), engines)).rejects.toThrow(/one rate first/);
  });
});
