import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import type { BrowserBinary } from '../../support/browser.js';
import type { ClientEvent, Script } from '../../support/scripted-call.js';
import { type ScriptedServer, startScriptedServer } from '../../support/scripted-server.js';
import { launchSpeakingBrowser, type SpeakingBrowser } from '../../support/speaking-browser.js';
import { syntheticVoice } from '../../support/synthetic-voice.js';
import { openTalkPage, type TalkPage } from '../../support/talk-page.js';

/** For what a busy machine needs longer for. */
export const patient = { timeout: 15_000, interval: 50 };

export const script: Script = {
  greeting: 'Hello, what can I get you?',
  partials: [
    { text: 'could I', stableWords: 0 },
    { text: 'could I have a small', stableWords: 3 },
  ],
  transcript: 'Could I have a small latte with oat milk?',
  reply: 'Sure, a small latte with oat milk. Anything else for you today?',
  replyMs: 1_600,
  aheadMs: 80,
  turn: {
    speech_end_audio_ms: 4_100,
    agent_onset_audio_ms: 4_712,
    response_latency_ms: 612,
    eou_delay_ms: 318,
    ready_ms: 580,
    transport_out_ms: 32,
    steps: {
      vad_silence_ms: 96,
      end_of_turn_ms: 172,
      stt_final_ms: 221,
      llm_first_token_ms: 430,
      first_clause_ms: 552,
      tts_first_audio_ms: 580,
    },
    end_of_turn_probability: 0.94,
    waited_because:
      'The end-of-turn model was sure at 172 ms; the policy waited 146 ms more for a pause inside the order.',
    drafts: 1,
    tokens: { computed: 11, reused: 412, new: 9 },
  },
};

/** Long enough to be interrupted, and sent long before it is heard. */
export const longAnswer: Script = { ...script, replyMs: 4_000, aheadMs: 3_000 };

export const refusedMicrophone = `MediaDevices.prototype.getUserMedia = () =>
  Promise.reject(new DOMException('', 'NotAllowedError'))`;
export const missingMicrophone = refusedMicrophone.replace('NotAllowedError', 'NotFoundError');
export const noMicrophoneAtAll = `Object.defineProperty(Navigator.prototype, 'mediaDevices', { value: undefined })`;

/** A scripted server of its own for each test, and pages before it. */
export type AtPage = {
  readonly server: ScriptedServer;
  open(options?: BrowserContextOptions & { readonly beforeLoad?: string }): Promise<TalkPage>;
  /** Has another server take the place of the one that there is. */
  withScript(other: Script): Promise<void>;
  /** What clients sent of this type, in order. */
  sent(type: string): readonly ClientEvent[];
};

/** Tests of the page with one browser for all of them, whose microphone says one order; to be called in their `describe`. */
export function pageTest(binary: BrowserBinary) {
  let speaking: SpeakingBrowser;

  beforeAll(async () => {
    const order = syntheticVoice([
      { kind: 'room', ms: 600 },
      { kind: 'voice', ms: 1_000 },
      { kind: 'room', ms: 8_000 },
    ]);
    speaking = await launchSpeakingBrowser(binary, order);
  });

  afterAll(() => speaking?.close());

  return test.extend<{ readonly at: AtPage }>({
    at: async ({ onTestFinished }, use) => {
      let server = await startScriptedServer(script);
      const pages: TalkPage[] = [];
      onTestFinished(async () => {
        for (const page of pages) await page.close();
        await server.close();
      });
      await use({
        get server() {
          return server;
        },
        async open(options) {
          const page = await openTalkPage(speaking.browser, server.url, options);
          pages.push(page);
          return page;
        },
        async withScript(other) {
          await server.close();
          server = await startScriptedServer(other);
        },
        sent: (type) => server.received.filter((event) => event.type === type),
      });
    },
  });
}
