import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { defaultAgent } from '../../src/agents/default-agent.js';
import { serveStudio } from '../../src/api/control/studio-files.js';
import { attachRealtime } from '../../src/api/openai/realtime/attach-realtime.js';
import { defaultPhraseTexts, renderVoicePhrases } from '../../src/conversation/phrases.js';
import { createLog } from '../../src/observability/log.js';
import { systemClock as clock } from '../../src/observability/system-clock.js';
import { keyedAccess } from '../../src/platform/access/keyed-access-fixture.js';
import { Calls } from '../../src/platform/calls.js';
import { ScriptedEndOfTurn } from '../../src/testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../../src/testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../../src/testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../../src/testing/scripted-text-to-speech.js';
import { ScriptedVoiceActivity } from '../../src/testing/scripted-voice-activity.js';

export type ScriptedEnginesServer = { readonly url: string; close(): Promise<void> };

/** The real calls, sessions and realtime protocol with the studio in front, on engines that do what a test says. */
export async function startScriptedEnginesServer(options: {
  /** What the caller says, utterance by utterance. */
  readonly transcripts: readonly string[];
  readonly reply: (said: string) => string;
}): Promise<ScriptedEnginesServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-scripted-engines-'));
  const tts = new ScriptedTextToSpeech({ clock, voices: [defaultAgent.voice] });
  const greeting = defaultAgent.greeting ?? defaultPhraseTexts.greeting;
  const texts = { ...defaultPhraseTexts, greeting };
  const calls = new Calls({
    engines: {
      vad: new ScriptedVoiceActivity({ clock }),
      endOfTurn: new ScriptedEndOfTurn({ clock }),
      stt: new ScriptedSpeechToText({ clock, transcripts: options.transcripts }),
      tts,
      languageModel: new ScriptedLanguageModel({ clock, reply: options.reply }),
    },
    agent: defaultAgent,
    phrases: await renderVoicePhrases(tts, defaultAgent.voice, texts, new AbortController().signal),
    modelHashes: {},
    maxCalls: 2,
    dataDir,
    clock,
    holdBackground: () => () => {},
    log: createLog({ level: 'silent', secrets: [] }),
  });
  const http = fastify({ logger: false, forceCloseConnections: true });
  http.get('/v1/parley/status', async () => ({ status: 'ready', models: [] }));
  await serveStudio(http);
  const realtime = attachRealtime(http.server, {
    admit: calls.admit,
    access: keyedAccess(),
    ready: () => true,
    defaults: { greeting },
  });
  await http.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${(http.server.address() as AddressInfo).port}/`,
    async close() {
      await calls.close();
      await realtime.close();
      await http.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
