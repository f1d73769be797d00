import { defaultAgent } from '../../src/agents/default-agent.js';
import { runServer } from '../../src/cli/start.js';
import { defaultPhraseTexts, renderVoicePhrases } from '../../src/conversation/phrases.js';
import { systemClock as clock } from '../../src/observability/system-clock.js';
import { Calls } from '../../src/platform/calls.js';
import { ScriptedLanguageModel } from '../../src/testing/scripted-language-model.js';
import { startEars } from '../support/engines.js';

/** What a remote language model takes: to its first token, and for each further one. */
const firstTokenMs = 300;
const tokenMs = 30;
/** As long as an order that is said back. */
const wordsSaidBack = 10;

/** A clause that was spoken before costs nothing, so each answer has words of its own. */
function sayBack(said: string): string {
  const words = said
    .replace(/[.?!]+/g, ',')
    .split(/\s+/)
    .filter(Boolean);
  const order = words.slice(-wordsSaidBack).join(' ').replace(/,$/, '');
  return `That's ${order}. Would you like anything else?`;
}

/** `parley start` as it is, with the ears and the voice of this machine, and a language model that needs none of it. */
await runServer({
  bringUp: async ({ settings, log, readiness, signal, closers }) => {
    const { close, governor, ...ears } = await readiness.step('ears and voice', () =>
      startEars((event) => {
        if (event.type === 'died') log.warn({ ...event }, 'a model host died');
      }),
    );
    closers.push(close);
    const texts = { ...defaultPhraseTexts, greeting: defaultAgent.greeting ?? defaultPhraseTexts.greeting };
    const phrases = await readiness.step('phrases', () =>
      renderVoicePhrases(ears.tts, defaultAgent.voice, texts, signal),
    );
    const languageModel = new ScriptedLanguageModel({
      clock,
      reply: sayBack,
      firstTokenMs,
      tokenMs,
      prefill: false,
      maxCalls: settings.maxCalls,
    });
    return new Calls({
      engines: { ...ears, languageModel },
      agent: defaultAgent,
      phrases,
      modelHashes: {},
      maxCalls: settings.maxCalls,
      dataDir: settings.dataDir,
      clock,
      holdBackground: () => governor.hold(),
      queueMs: () => governor.queueMs(),
      log,
    });
  },
});
