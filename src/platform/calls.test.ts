import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { agentDefaults } from '../agents/definition.js';
import { noPhrases } from '../conversation/phrases.js';
import type { Keyword, SpeechToTextOptions } from '../ports/speech-to-text.js';
import { ScriptedEndOfTurn } from '../testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../testing/scripted-text-to-speech.js';
import { ScriptedTransport } from '../testing/scripted-transport.js';
import { ScriptedVoiceActivity } from '../testing/scripted-voice-activity.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import type { CallFacts } from './admission-types.js';
import { Calls } from './calls.js';

const ofAgent: readonly Keyword[] = [{ text: 'cortado', weight: 4 }];
const ofCall: readonly Keyword[] = [{ text: 'Zyntrix', weight: 2 }];

it.each<[string, Omit<CallFacts, 'source'>, readonly Keyword[]]>([
  ['the agent’s', {}, ofAgent],
  ['the call’s own instead', { keywords: ofCall }, ofCall],
  ['none where the job is another', { instructions: 'You sell lamps.' }, []],
  ['the call’s own where it is only written down', { transcribeOnly: true, keywords: ofCall }, ofCall],
  ['none where nobody answers', { transcribeOnly: true }, []],
])('a call is listened to with keywords: %s', async (_what, facts, keywords) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-calls-'));
  const clock = new VirtualClock();
  const asked: SpeechToTextOptions[] = [];
  const stt = new ScriptedSpeechToText({ clock, transcripts: [] });
  const listen = stt.listen.bind(stt);
  stt.listen = (options) => {
    asked.push(options);
    return listen(options);
  };
  const tts = new ScriptedTextToSpeech({ clock });
  const calls = new Calls({
    engines: {
      vad: new ScriptedVoiceActivity({ clock }),
      endOfTurn: new ScriptedEndOfTurn({ clock }),
      stt,
      tts,
      languageModel: new ScriptedLanguageModel({ clock, reply: 'Yes.' }),
    },
    agent: {
      ...agentDefaults,
      name: 'test',
      instructions: 'You sell coffee.',
      examples: [],
      greeting: undefined,
      keywords: ofAgent,
    },
    phrases: noPhrases(),
    modelHashes: {},
    maxCalls: 1,
    dataDir,
    clock,
    holdBackground: () => () => {},
    log: { info: () => {}, warn: () => {}, error: () => {}, words: () => {} },
  });
  const transport = new ScriptedTransport({ clock });
  const call = await calls.admit({ source: 'realtime', ...facts }, transport, () => {});
  call.controls.hangUp('test');
  await clock.advance(1_000);
  await call.done;
  expect(asked.map((each) => each.keywords)).toEqual([keywords]);
  await rm(dataDir, { recursive: true, force: true });
});
