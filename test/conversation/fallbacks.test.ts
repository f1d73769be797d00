import { describe, expect, it } from 'vitest';
import { agentDefaults } from '../../src/agents/definition.js';
import { PromptBrain } from '../../src/agents/prompt-brain.js';
import { durationMs, samplesOf } from '../../src/audio/frame.js';
import { FallbackLanguageModel } from '../../src/engines/fallback/language-model.js';
import { FallbackSpeechToText } from '../../src/engines/fallback/speech-to-text.js';
import { FallbackTextToSpeech } from '../../src/engines/fallback/text-to-speech.js';
import type { TextToSpeech } from '../../src/ports/text-to-speech.js';
import type { ScriptedFailure } from '../../src/testing/scripted-failure.js';
import { suffer } from '../../src/testing/scripted-failure.js';
import { ScriptedLanguageModel } from '../../src/testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../../src/testing/scripted-speech-to-text.js';
import { decodedText } from '../../src/testing/tone-decoder.js';
import type { VirtualClock } from '../../src/testing/virtual-clock.js';
import { CallRig, wordsOf } from './support/call-rig.js';

const reply = 'Okay, your table is booked for seven tonight. Would you like anything else with that?';
const agent = { ...agentDefaults, name: 'test', greeting: undefined, instructions: 'You book tables.', examples: [] };
const longestGapMs = 1_500;
const gone = new Error('the engine is gone');
const failures: [string, ScriptedFailure][] = [
  ['dies', gone],
  ['hangs', 'hang'],
];

/** All of the reply is heard once, in order, without a longer gap. */
async function hearsAll(rig: CallRig): Promise<void> {
  const toldBefore = rig.of('reply-finished').length;
  await rig.say('a table please');
  await rig.until('reply-finished', toldBefore + 1);
  expect(rig.heard()).toBe(wordsOf(reply));
  const words = rig.heardWords();
  for (const [index, word] of words.slice(1).entries())
    expect(word.startMs - (words[index]?.endMs ?? 0), `before "${word.text}"`).toBeLessThan(longestGapMs);
  expect(rig.problems()).toEqual([]);
  expect(rig.history()).toEqual(['user: a table please', `assistant: ${wordsOf(reply)}`]);
  await rig.end();
}

describe('when the first engine fails in the middle of a sentence, the caller hears the rest from the second', () => {
  for (const [how, failure] of failures)
    for (const at of [0, 1, 4, 6, 9])
      it(`a language model that ${how} after ${at} words`, async () => {
        const told: string[] = [];
        const brain = (clock: VirtualClock) => {
          const first = new ScriptedLanguageModel({
            clock,
            reply,
            tokenMs: 100,
            fail: ({ kind, newTokens }) => (kind === 'generate' && newTokens === at ? failure : undefined),
          });
          const second = new ScriptedLanguageModel({ clock, reply, prefill: false });
          const onFallback = ({ to }: { to: string | undefined }) => told.push(String(to));
          const model = new FallbackLanguageModel({ engines: [first, second], clock, onFallback });
          return new PromptBrain({ model, agent });
        };
        await hearsAll(await CallRig.open({ brain }));
        expect(told).toContain('scripted');
      });

  for (const [how, failure] of failures)
    for (const at of [0, 1, 3, 5])
      it(`a voice that ${how} after ${at} words of each clause`, async () => {
        const voice = (tts: TextToSpeech, clock: VirtualClock) =>
          new FallbackTextToSpeech({ engines: [breaksOff(tts, at, failure), tts], clock, breaker: { failures: 100 } });
        await hearsAll(await CallRig.open({ reply, voice }));
      });

  it('a clause that two voices shared is not kept: it is spoken anew the next time', async () => {
    const asked: string[] = [];
    let fails = true;
    const rig = await CallRig.open({
      reply,
      voice: (tts, clock) => {
        const broken = breaksOff(tts, 1, gone);
        const first: TextToSpeech = {
          ...broken,
          speak: (options) => {
            asked.push(options.text);
            return fails ? broken.speak(options) : tts.speak(options);
          },
        };
        return new FallbackTextToSpeech({ engines: [first, tts], clock, breaker: { failures: 100 } });
      },
    });
    const clausesOf = async (): Promise<string[]> => {
      const before = asked.length;
      await rig.exchange('a table please');
      return asked.slice(before);
    };
    const broken = await clausesOf();
    fails = false;
    // One word came whole from the first voice: that clause is kept.
    const shared = broken.filter((clause) => clause.includes(' '));
    expect(shared.length).toBeGreaterThan(1);
    expect(await clausesOf()).toEqual(shared);
    expect((await clausesOf()).length).toBeLessThan(shared.length);
    await rig.end();
  });

  for (const [how, failure] of failures)
    it(`an ear that ${how}`, async () => {
      let rig: CallRig | undefined;
      const ear = (clock: VirtualClock, fail?: () => ScriptedFailure) =>
        new ScriptedSpeechToText({
          clock,
          transcripts: ({ samples }) =>
            decodedText(samples, { rateHz: 16_000, vocabulary: (rig as CallRig).callerVocabulary }),
          ...(fail ? { fail } : {}),
        });
      rig = await CallRig.open({
        reply,
        speechToText: (clock) => new FallbackSpeechToText({ engines: [ear(clock, () => failure), ear(clock)], clock }),
      });
      await hearsAll(rig);
    });

  it('an ear whose stream dies', async () => {
    let rig: CallRig | undefined;
    const dead = {
      name: 'dead',
      capabilities: { partials: true, wordTimes: 'none', languages: ['en'] },
      // biome-ignore lint/correctness/useYield: it dies before its first event.
      async *listen() {
        throw gone;
      },
      close: async () => {},
    } as const;
    rig = await CallRig.open({
      reply,
      speechToText: (clock) => {
        const transcripts = ({ samples }: { samples: Float32Array }) =>
          decodedText(samples, { rateHz: 16_000, vocabulary: (rig as CallRig).callerVocabulary });
        return new FallbackSpeechToText({ engines: [dead, new ScriptedSpeechToText({ clock, transcripts })], clock });
      },
    });
    await hearsAll(rig);
  });
});

/** Gives each clause word by word, and fails after so many. */
function breaksOff(tts: TextToSpeech, after: number, failure: ScriptedFailure): TextToSpeech {
  return {
    name: 'breaks off',
    rateHz: tts.rateHz,
    voices: tts.voices,
    close: async () => {},
    async *speak(options) {
      for await (const event of tts.speak(options)) {
        if (event.type === 'finish') {
          yield event;
          continue;
        }
        let at = 0;
        for (const [index, word] of event.words.entries()) {
          if (index === after) await suffer(failure, options.signal);
          const next = event.words[index + 1];
          const end = next ? samplesOf(next.startMs, event.rateHz) : event.samples.length;
          const fromMs = durationMs(at, event.rateHz);
          const words = [{ ...word, startMs: Math.max(0, word.startMs - fromMs), endMs: word.endMs - fromMs }];
          yield { ...event, samples: event.samples.slice(at, end), words };
          at = end;
        }
      }
    },
  };
}
