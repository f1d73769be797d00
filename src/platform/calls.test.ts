import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { agentDefaults } from '../agents/definition.js';
import { noPhrases } from '../conversation/phrases.js';
import { defaultTurnSettings } from '../conversation/turn/settings.js';
import type { Keyword, SpeechToTextOptions } from '../ports/speech-to-text.js';
import { ScriptedEndOfTurn } from '../testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../testing/scripted-text-to-speech.js';
import { ScriptedTransport } from '../testing/scripted-transport.js';
import { ScriptedVoiceActivity } from '../testing/scripted-voice-activity.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import type { CallFacts } from './admission-types.js';
import { Calls, type CallsOptions } from './calls.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-calls-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

function callsOf(clock: VirtualClock, stt: ScriptedSpeechToText, more: Partial<CallsOptions> = {}): Calls {
  return new Calls({
    engines: {
      vad: new ScriptedVoiceActivity({ clock }),
      endOfTurn: new ScriptedEndOfTurn({ clock }),
      stt,
      tts: new ScriptedTextToSpeech({ clock }),
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
    ...more,
  });
}

/** A call that ends at once. @returns its id */
async function shortCall(calls: Calls, clock: VirtualClock, facts: Omit<CallFacts, 'source'>): Promise<string> {
  const call = await calls.admit({ source: 'realtime', ...facts }, new ScriptedTransport({ clock }), () => {});
  call.controls.hangUp('test');
  await clock.advance(1_000);
  await call.done;
  return call.callId;
}

const ofAgent: readonly Keyword[] = [{ text: 'cortado', weight: 4 }];
const ofCall: readonly Keyword[] = [{ text: 'Zyntrix', weight: 2 }];

it.each<[string, Omit<CallFacts, 'source'>, readonly Keyword[]]>([
  ['the agent’s', {}, ofAgent],
  ['the call’s own instead', { keywords: ofCall }, ofCall],
  ['none where the job is another', { instructions: 'You sell lamps.' }, []],
  ['the call’s own where it is only written down', { transcribeOnly: true, keywords: ofCall }, ofCall],
  ['none where nobody answers', { transcribeOnly: true }, []],
])('a call is listened to with keywords: %s', async (_what, facts, keywords) => {
  const clock = new VirtualClock();
  const asked: SpeechToTextOptions[] = [];
  const stt = new ScriptedSpeechToText({ clock, transcripts: [] });
  const listen = stt.listen.bind(stt);
  stt.listen = (options) => {
    asked.push(options);
    return listen(options);
  };
  await shortCall(callsOf(clock, stt), clock, facts);
  expect(asked.map((each) => each.keywords)).toEqual([keywords]);
});

it("turns are taken as the server's file says, unless the client says otherwise", async () => {
  const { endpointing } = defaultTurnSettings;
  const turns = { ...defaultTurnSettings, endpointing: { ...endpointing, minWaitMs: 400 } };
  const clock = new VirtualClock();
  const calls = callsOf(clock, new ScriptedSpeechToText({ clock, transcripts: [] }), { turns });
  for (const [facts, minWaitMs] of [
    [{}, 400],
    [{ turn: defaultTurnSettings }, endpointing.minWaitMs],
  ] as const) {
    const callId = await shortCall(calls, clock, facts);
    const log = await readFile(join(dataDir, 'calls', callId, 'events.jsonl'), 'utf8');
    const { settings } = JSON.parse(log.split('\n')[0] ?? '') as { settings: typeof turns };
    expect(settings.endpointing.minWaitMs).toBe(minWaitMs);
  }
});
