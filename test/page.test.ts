import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeWav } from '../src/audio/wav.js';
import { skipNotice } from './fixtures/recordings.js';
import { type BrowserBinary, findBrowser, launchBrowser } from './support/browser.js';
import { microphoneRateHz } from './support/microphone-file.js';
import type { PageStats } from './support/page-stats.js';
import type { Script } from './support/scripted-call.js';
import { type ScriptedServer, startScriptedServer } from './support/scripted-server.js';
import { syntheticVoice } from './support/synthetic-voice.js';

const script: Script = {
  greeting: 'Hello, what can I get you?',
  partials: ['could I', 'could I have a small'],
  transcript: 'Could I have a small latte with oat milk?',
  reply: 'Sure, a small latte with oat milk. Anything else for you today?',
  replyMs: 2_400,
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

const patient = { timeout: 15_000, interval: 50 };

const found = await findBrowser();
if ('missing' in found) skipNotice(13, found.missing);

describe.skipIf('missing' in found)('the page at /', () => {
  const binary = (found as { binary: BrowserBinary }).binary;
  let folder: string;
  let browser: Browser;
  let server: ScriptedServer;
  let page: Page;
  let requests: string[];
  let complaints: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-page-'));
    const microphoneFile = join(folder, 'microphone.wav');
    const order = syntheticVoice([
      { kind: 'room', ms: 1_000 },
      { kind: 'voice', ms: 1_500 },
      { kind: 'room', ms: 8_000 },
    ]);
    await writeFile(microphoneFile, writeWav([order], microphoneRateHz));
    browser = await launchBrowser(binary, { microphoneFile });
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    server = await startScriptedServer(script);
  });

  afterEach(async () => {
    await page?.context().close();
    await server.close();
  });

  async function open(from: Browser, options: BrowserContextOptions = {}, beforeLoad?: string): Promise<void> {
    const context = await from.newContext(options);
    page = await context.newPage();
    requests = [];
    complaints = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    if (beforeLoad !== undefined) await page.addInitScript(beforeLoad);
    await page.goto(server.url);
  }

  const stats = () => page.evaluate<PageStats>('window.parleyPage.stats');
  const talkButton = () => page.getByRole('button', { name: 'Talk' });
  const state = (name: string) => page.locator(`body[data-state="${name}"]`).waitFor();
  const words = (side: 'caller' | 'agent') => page.locator(`.caption.${side} p`).allInnerTexts();
  const help = async () => (await page.locator('#help').allInnerTexts()).join();

  it('plays the greeting and the reply, shows the words of both sides, and draws the turn', async () => {
    await open(browser);
    await talkButton().click();
    await page.locator('.turn').waitFor();
    await expect.poll(() => words('agent'), patient).toEqual([script.greeting, script.reply]);
    await state('listening');

    expect(await words('caller')).toEqual([script.transcript]);
    const { playback } = await stats();
    expect(playback.maxPeak).toBeGreaterThan(0.4);
    expect(playback.playedMs).toBeCloseTo(400 + script.replyMs, -1);

    const steps = await page.locator('.step').evaluateAll((rows) => rows.map((row) => row.textContent));
    expect(steps).toEqual([
      'Silence seen96 ms',
      'End of turn172 ms',
      'Transcript221 ms',
      'First token430 ms',
      'First clause552 ms',
      'First audio580 ms',
      'Response latency612 ms',
    ]);
    expect(await page.locator('.because').textContent()).toBe(script.turn.waited_because);
    expect(await page.locator('#p50').textContent()).toBe('P50 612 ms over 1 turn');
    expect(server.received[0]).toEqual({
      type: 'session.update',
      session: { type: 'realtime', parley: { turn_metrics: true } },
    });
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(server.url))).toEqual([]);
  });

  it('hangs up by keyboard and gives the microphone back', async () => {
    await open(browser);
    await talkButton().focus();
    await page.keyboard.press('Enter');
    await state('listening');
    await page.keyboard.press('Space');
    await state('idle');
    await expect.poll(() => server.call()).toBeUndefined();
    expect(await talkButton().evaluate((button) => button.matches(':focus'))).toBe(true);
  });

  it('marks words that may still change, and the settled ones no more', async () => {
    await open(browser);
    await talkButton().click();
    const partial = page.locator('.caption.caller .partial');
    await expect.poll(() => partial.textContent(), patient).toBe('could I have a small');
    const style = `getComputedStyle(document.querySelector('.caption.caller .partial')).fontStyle`;
    expect(await page.evaluate(style)).toBe('italic');
    await expect.poll(() => words('caller'), patient).toEqual([script.transcript]);
    expect(await partial.textContent()).toBe('');
  });

  it('drops what is queued when the caller interrupts, ignores late frames, and tells how much was heard', async () => {
    const farAhead = { ...script, replyMs: 6_000, aheadMs: 4_000 };
    await server.close();
    server = await startScriptedServer(farAhead);
    await open(browser);
    await talkButton().click();
    await page.locator('.turn').waitFor();
    await expect.poll(async () => (await stats()).playback.playedMs, patient).toBeGreaterThan(1_000);
    await state('speaking');
    server.call()?.interrupt();

    await state('listening');
    await expect.poll(() => server.received.at(-1)?.type).toBe('conversation.item.truncate');
    const after = await stats();
    const truncate = server.received.at(-1);
    expect(truncate).toEqual({
      type: 'conversation.item.truncate',
      item_id: after.truncations[0]?.itemId,
      content_index: 0,
      audio_end_ms: after.truncations[0]?.heardMs,
    });
    expect(after.playback.receivedMs).toBe(server.call()?.sentMs());
    expect(after.playback.flushedMs).toBeGreaterThan(1_000);
    expect(after.playback.receivedMs - after.playback.flushedMs).toBeCloseTo(after.playback.playedMs, 0);
    // Heard is what was played of this reply, without the greeting and without what the sound device still holds.
    expect(truncate?.audio_end_ms).toBeGreaterThan(after.playback.playedMs - 400 - 300);
    expect(truncate?.audio_end_ms).toBeLessThanOrEqual(after.playback.playedMs - 400);
    expect((await words('agent'))[1]).toMatch(/^Sure, .*\(interrupted\)$/);
    await page.waitForTimeout(200);
    expect((await stats()).playback.playedMs).toBe(after.playback.playedMs);
  });

  it('resamples both ways where the browser refuses a context at 24 kHz', async () => {
    const refuse = `{
      const Native = window.AudioContext;
      window.AudioContext = class extends Native {
        constructor(options) {
          if (options?.sampleRate !== undefined) throw new DOMException('No such rate.', 'NotSupportedError');
          super({ ...options, sampleRate: 44100 });
        }
      };
    }`;
    await open(browser, {}, refuse);
    await talkButton().click();
    await expect.poll(() => words('agent'), patient).toEqual([script.greeting, script.reply]);
    await state('listening');
    const { contextRateHz, playback } = await stats();
    expect(contextRateHz).toBe(44_100);
    expect(playback.maxPeak).toBeGreaterThan(0.4);
    expect(playback.playedMs).toBeCloseTo(400 + script.replyMs, -1);
    expect(await words('caller')).toEqual([script.transcript]);
  });

  it('keeps the level of a tone in the band when resampling, and removes what would fold back', async () => {
    await open(browser);
    const gains = await page.evaluate<number[]>(`import('/resampler.js').then(({ createResampler }) =>
      [[44100, 24000, 1000], [24000, 44100, 9000], [48000, 24000, 9000], [48000, 24000, 14000]].map(([from, to, hz]) => {
        const resampler = createResampler(from, to);
        const output = [];
        for (let at = 0; at < from; at += 441) {
          const block = Float32Array.from({ length: 441 }, (_, i) => Math.sin((2 * Math.PI * hz * (at + i)) / from));
          output.push(...resampler.push(block));
        }
        const steady = output.slice(1000, to - 1000);
        return 10 * Math.log10((2 * steady.reduce((sum, x) => sum + x * x, 0)) / steady.length);
      }))`);
    expect(gains.slice(0, 3).every((gain) => Math.abs(gain) < 0.1)).toBe(true);
    expect(gains[3]).toBeLessThan(-60);
  });

  it('says what the server is loading, and offers Talk once it is ready', async () => {
    server.setReady({
      status: 503,
      body: { status: 'loading', loading: ['speech to text', { name: 'voice', progress: 0.4 }] },
    });
    await open(browser);
    await state('loading');
    await expect.poll(help).toContain('still loading');
    expect(await page.locator('#help li').allInnerTexts()).toEqual(['speech to text', 'voice (40 %)']);
    expect(await talkButton().isDisabled()).toBe(true);
    server.setReady({ status: 200, body: { status: 'ready' } });
    await state('idle');
    expect(await talkButton().isEnabled()).toBe(true);
    expect(await page.locator('#help').isVisible()).toBe(false);
  });

  it.each([
    ['close-with-1013', 'Two calls are running'],
    ['refuse-with-503', 'It may be full'],
  ] as const)('explains a full server (%s)', async (policy, text) => {
    server.setCallPolicy(policy);
    await open(browser);
    await talkButton().click();
    await expect.poll(help).toContain(text);
    await state('idle');
    expect(await talkButton().isEnabled()).toBe(true);
  });

  it('explains a call that was cut off, and an error in a call that goes on', async () => {
    await open(browser);
    await talkButton().click();
    await state('listening');
    server.call()?.sendError('The voice could not be loaded.');
    await expect.poll(help).toContain('The voice could not be loaded.');
    server.call()?.hangUp(1011, 'The speech engine failed.');
    await expect.poll(help).toContain('The call was cut off');
    expect(await help()).toContain('The speech engine failed.');
    await state('idle');
  });

  it('explains a refused microphone', async () => {
    const strict = await launchBrowser(binary, { allowMicrophone: false });
    try {
      await open(strict);
      await talkButton().click();
      await expect.poll(help).toContain('The microphone is blocked');
      await state('idle');
      expect(server.received).toEqual([]);
      await page.context().close();
    } finally {
      await strict.close();
    }
  });

  it('explains a missing microphone, and an address without one', async () => {
    await open(
      browser,
      {},
      `MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))`,
    );
    await talkButton().click();
    await expect.poll(help).toContain('No microphone was found');
    await page.context().close();

    await open(browser, {}, `Object.defineProperty(Navigator.prototype, 'mediaDevices', { value: undefined })`);
    await talkButton().click();
    await expect.poll(help).toContain('The browser gives no microphone to this address');
  });

  it('fits a width of 360 px without scrolling sideways', async () => {
    await open(browser, { viewport: { width: 360, height: 740 } });
    await talkButton().click();
    await page.locator('.turn').waitFor();
    const size = await page.evaluate<number[]>('[document.documentElement.scrollWidth, window.innerWidth]');
    expect(size).toEqual([360, 360]);
  });
});
