import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeWav } from '../src/audio/wav.js';
import { skipNotice } from './fixtures/recordings.js';
import { type BrowserBinary, findBrowser, launchBrowser } from './support/browser.js';
import { microphoneRateHz } from './support/microphone-file.js';
import type { Script } from './support/scripted-call.js';
import { readyStatus, type ScriptedServer, startScriptedServer } from './support/scripted-server.js';
import { syntheticVoice } from './support/synthetic-voice.js';
import { openTalkPage, type TalkPage } from './support/talk-page.js';

const script: Script = {
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
const longAnswer: Script = { ...script, replyMs: 4_000, aheadMs: 3_000 };

const patient = { timeout: 15_000, interval: 50 };
const refusedMicrophone = `MediaDevices.prototype.getUserMedia = () =>
  Promise.reject(new DOMException('', 'NotAllowedError'))`;
const missingMicrophone = refusedMicrophone.replace('NotAllowedError', 'NotFoundError');
const noMicrophoneAtAll = `Object.defineProperty(Navigator.prototype, 'mediaDevices', { value: undefined })`;

const found = await findBrowser();
if ('missing' in found) skipNotice(30, found.missing);

describe.skipIf('missing' in found)('the page at /', () => {
  const binary = (found as { binary: BrowserBinary }).binary;
  let folder: string;
  let browser: Browser;
  let server: ScriptedServer;
  let talk: TalkPage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-page-'));
    const microphoneFile = join(folder, 'microphone.wav');
    const order = syntheticVoice([
      { kind: 'room', ms: 600 },
      { kind: 'voice', ms: 1_000 },
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
    await talk?.close();
    await server.close();
  });

  async function open(options: BrowserContextOptions & { readonly beforeLoad?: string } = {}): Promise<void> {
    talk = await openTalkPage(browser, server.url, options);
  }

  async function withScript(other: Script): Promise<void> {
    await server.close();
    server = await startScriptedServer(other);
  }

  const sent = (type: string) => server.received.filter((event) => event.type === type);

  it('plays the greeting and the reply, shows the words of both sides, and draws the turn', async () => {
    await open();
    await talk.button('Talk').click();
    await expect.poll(() => talk.words('agent'), patient).toEqual([script.greeting, script.reply]);
    await talk.mood('listening');

    expect(await talk.words('caller')).toEqual([script.transcript]);
    const { playback } = await talk.stats();
    expect(playback.maxPeak).toBeGreaterThan(0.4);
    expect(playback.playedMs).toBeCloseTo(400 + script.replyMs, -1);

    const timing = talk.page.getByRole('button', { name: /^Timing/ });
    expect(await timing.textContent()).toMatch(/Last 612 ms\s*P50 612 ms\s*P95 612 ms\s*1 turn/);
    expect(await talk.page.locator('[data-step]').first().isVisible()).toBe(false);
    await timing.click();
    const steps = await talk.page.locator('[data-step]').evaluateAll((rows) => rows.map((row) => row.textContent));
    expect(steps).toEqual([
      'Silence seen96 ms',
      'End of turn172 ms',
      'Transcript221 ms',
      'First token430 ms',
      'First clause552 ms',
      'First audio580 ms',
      'Response latency612 ms',
    ]);
    expect(await talk.page.getByText(String(script.turn.waited_because)).isVisible()).toBe(true);
    expect(server.received[0]).toEqual({
      type: 'session.update',
      session: { type: 'realtime', parley: { turn_metrics: true } },
    });
    expect(talk.complaints).toEqual([]);
    expect(talk.requests.filter((url) => !url.startsWith(server.url))).toEqual([]);
  });

  it('begins and ends a call by keyboard and gives the microphone back', async () => {
    await open();
    await talk.mood('idle');
    // With the focus nowhere in particular, and then on the button.
    await talk.page.keyboard.press('Space');
    await talk.mood('listening');
    await talk.button('Hang up').focus();
    await talk.page.keyboard.press('Enter');
    await talk.mood('idle');
    await expect.poll(() => server.call()).toBeUndefined();
    expect(await talk.button('Talk').evaluate((button) => button.matches(':focus'))).toBe(true);
  });

  it('tells words that stay from words that may still change', async () => {
    await open();
    await talk.button('Talk').click();
    const changing = talk.page.locator('[data-words="changing"]');
    const settled = talk.page.locator('[data-words="settled"]');
    await expect.poll(() => changing.textContent(), patient).toBe(' a small');
    expect(await settled.textContent()).toBe('could I have');
    expect(await changing.getAttribute('aria-hidden')).toBe('true');
    const styles = await talk.page.evaluate(`['settled', 'changing'].map((words) => {
      const { fontStyle, color } = getComputedStyle(document.querySelector('[data-words="' + words + '"]'));
      return [fontStyle, color];
    })`);
    const [[plain, ink], [italic, muted]] = styles as [[string, string], [string, string]];
    expect([plain, italic]).toEqual(['normal', 'italic']);
    expect(muted).not.toBe(ink);
    await expect.poll(() => talk.words('caller'), patient).toEqual([script.transcript]);
    expect(await changing.textContent()).toBe('');
  });

  it('goes on listening after a word in passing, and shows it as one', async () => {
    await open({ beforeLoad: refusedMicrophone });
    await talk.page.getByLabel('Write to the agent').fill('Hello');
    await talk.button('Send').click();
    await talk.mood('waiting');
    server.call()?.murmur('uh huh');
    await talk.page.getByText('You, in passing').waitFor();
    await talk.mood('waiting');
    expect(await talk.words('caller')).toEqual(['Hello', 'uh huh']);
    expect(await talk.page.locator('[data-words="changing"]').allInnerTexts()).toEqual(['', '']);
    // What was heard to its end is not cut when the next thing is written.
    await talk.page.getByLabel('Write to the agent').fill('Bye');
    await talk.button('Send').click();
    await expect.poll(() => sent('response.create').length).toBe(2);
    await talk.mood('waiting');
    expect(sent('conversation.item.truncate')).toEqual([]);
    expect(sent('response.cancel')).toEqual([]);
  });

  it('drops what is queued when the caller interrupts, ignores late frames, and tells how much was heard', async () => {
    await withScript(longAnswer);
    await open();
    await talk.button('Talk').click();
    await expect.poll(async () => (await talk.stats())?.playback.playedMs ?? 0, patient).toBeGreaterThan(1_400);
    await talk.mood('speaking');
    server.call()?.interrupt();

    await talk.mood('listening');
    await expect.poll(() => server.received.at(-1)?.type).toBe('conversation.item.truncate');
    const after = await talk.stats();
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
    await talk.page.waitForTimeout(200);
    expect((await talk.stats()).playback.playedMs).toBe(after.playback.playedMs);
  });

  it.each(['Escape', 'i'])('interrupts by the key %s, and shows which words were not heard', async (key) => {
    await withScript(longAnswer);
    await open();
    await talk.button('Talk').click();
    await expect.poll(async () => (await talk.stats())?.playback.playedMs ?? 0, patient).toBeGreaterThan(1_800);
    await talk.page.keyboard.press(key);
    await talk.mood('listening');
    expect(sent('response.cancel')).toHaveLength(1);
    await expect.poll(() => sent('conversation.item.truncate').length).toBe(1);
    const heard = (await talk.page.locator('[data-words="heard"]').textContent()) ?? '';
    const unheard = (await talk.page.locator('[data-words="unheard"]').textContent()) ?? '';
    expect(heard).not.toBe('');
    expect(unheard).not.toBe('');
    expect(script.reply.startsWith(heard + unheard.trimEnd())).toBe(true);
    const line = `getComputedStyle(document.querySelector('[data-words="unheard"]')).textDecorationLine`;
    expect(await talk.page.evaluate(line)).toBe('line-through');
    expect((await talk.words('agent'))[1]).toMatch(/interrupted$/);
    expect(await talk.button('Interrupt the agent').getAttribute('aria-disabled')).toBe('true');
  });

  it('takes a turn by keyboard alone, in writing and without a microphone', async () => {
    await open({ beforeLoad: refusedMicrophone });
    await talk.mood('idle');
    for (let presses = 0; presses < 12; presses++) {
      await talk.page.keyboard.press('Tab');
      if (await talk.page.getByLabel('Write to the agent').evaluate((box) => box.matches(':focus'))) break;
    }
    await talk.page.keyboard.type('A flat white, please');
    await talk.page.keyboard.press('Enter');
    await expect.poll(() => talk.words('agent'), patient).toContain(script.reply);
    expect(await talk.words('caller')).toEqual(['A flat white, please']);
    expect(sent('conversation.item.create')).toHaveLength(1);
    expect(await talk.words('agent')).toEqual([script.reply]);
    expect(sent('response.create')).toHaveLength(1);
    expect((await talk.stats()).sentFrames).toBe(0);
    await talk.mood('waiting');
    expect((await talk.stats()).playback.maxPeak).toBeGreaterThan(0.4);
  });

  it('interrupts the reply when something is typed into it, and asks only when it is over', async () => {
    await withScript(longAnswer);
    await open();
    await talk.button('Talk').click();
    await expect.poll(async () => (await talk.stats())?.playback.playedMs ?? 0, patient).toBeGreaterThan(1_400);
    await talk.page.getByLabel('Write to the agent').fill('Stop, make it two');
    await talk.button('Send').click();
    await expect.poll(() => sent('response.create').length).toBe(1);
    const types = server.received.map(({ type }) => type).filter((type) => type !== 'conversation.item.truncate');
    expect(types).toEqual(['session.update', 'response.cancel', 'conversation.item.create', 'response.create']);
    expect(await talk.help()).toBe('');
  });

  it('listens only while the button is held when told to push to talk', async () => {
    await open();
    await talk.button('Settings').click();
    await talk.page.getByLabel('Push to talk').check({ force: true });
    await talk.page.keyboard.press('Escape');
    await talk.button('Talk').click();
    await talk.mood('waiting');
    const begin = server.received[0] as { session?: { audio?: unknown } } | undefined;
    expect(begin?.session?.audio).toEqual({ input: { turn_detection: null } });
    expect((await talk.stats()).sentFrames).toBe(0);

    const hold = talk.button('Hold to talk');
    await expect.poll(() => hold.evaluate((button) => button.matches(':focus'))).toBe(true);
    await talk.page.keyboard.down('Space');
    await talk.mood('listening');
    await expect.poll(async () => (await talk.stats()).sentFrames, patient).toBeGreaterThan(20);
    expect(sent('input_audio_buffer.commit')).toEqual([]);
    await talk.page.keyboard.up('Space');
    await expect.poll(() => talk.words('agent'), patient).toContain(script.reply);
    expect(sent('input_audio_buffer.commit')).toHaveLength(1);
    expect(sent('response.create')).toHaveLength(1);
    const { sentFrames } = await talk.stats();
    await talk.page.waitForTimeout(200);
    expect((await talk.stats()).sentFrames).toBe(sentFrames);
  });

  it('asks for the microphone and the echo cancellation that were chosen, in the middle of a call too', async () => {
    await open({
      beforeLoad: `{
        const ask = MediaDevices.prototype.getUserMedia;
        window.asked = [];
        MediaDevices.prototype.getUserMedia = function (wanted) {
          window.asked.push(wanted.audio);
          return ask.call(this, wanted);
        };
      }`,
    });
    await talk.button('Talk').click();
    await talk.mood('listening');
    await talk.button('Settings').click();
    const microphones = talk.page.getByLabel('Microphone', { exact: true });
    await expect.poll(() => microphones.locator('option').count()).toBeGreaterThan(1);
    const chosen = await microphones.locator('option').last().getAttribute('value');
    await microphones.selectOption(chosen);
    await talk.page.getByLabel('Echo cancellation').uncheck({ force: true });
    await expect.poll(() => talk.page.evaluate('window.asked.length')).toBe(3);
    const common = { noiseSuppression: true, autoGainControl: true };
    expect(await talk.page.evaluate('window.asked')).toEqual([
      { ...common, echoCancellation: true },
      { ...common, echoCancellation: true, deviceId: { exact: chosen } },
      { ...common, echoCancellation: false, deviceId: { exact: chosen } },
    ]);
    await talk.page.reload();
    await talk.button('Settings').click();
    expect(await talk.page.getByLabel('Echo cancellation').isChecked()).toBe(false);
  });

  it('sends silence while it is muted', async () => {
    // A microphone in which somebody never stops to talk.
    await open({
      beforeLoad: `MediaDevices.prototype.getUserMedia = async () => {
        const context = new AudioContext();
        const voice = new OscillatorNode(context, { frequency: 200 });
        const microphone = context.createMediaStreamDestination();
        voice.connect(microphone);
        voice.start();
        return microphone.stream;
      }`,
    });
    await talk.button('Talk').click();
    await talk.page.locator('[data-words="changing"]').filter({ hasText: 'small' }).waitFor();
    await talk.page.waitForTimeout(1_000);
    expect(await talk.words('caller')).not.toContain(script.transcript);
    const mute = talk.button('Mute the microphone');
    await mute.click();
    expect(await mute.getAttribute('aria-pressed')).toBe('true');
    // The server hears the quiet, and takes the turn for ended.
    await expect.poll(() => talk.words('caller'), patient).toEqual([script.transcript]);
  });

  it('resamples both ways where the browser refuses a context at 24 kHz', async () => {
    await open({
      beforeLoad: `{
        const Native = window.AudioContext;
        window.AudioContext = class extends Native {
          constructor(options) {
            if (options?.sampleRate !== undefined) throw new DOMException('No such rate.', 'NotSupportedError');
            super({ ...options, sampleRate: 44100 });
          }
        };
      }`,
    });
    await talk.button('Talk').click();
    await expect.poll(() => talk.words('agent'), patient).toEqual([script.greeting, script.reply]);
    await talk.mood('listening');
    const { contextRateHz, playback } = await talk.stats();
    expect(contextRateHz).toBe(44_100);
    expect(playback.maxPeak).toBeGreaterThan(0.4);
    expect(playback.playedMs).toBeCloseTo(400 + script.replyMs, -1);
    expect(await talk.words('caller')).toEqual([script.transcript]);
  });

  it('says how far the models are, offers Talk once they are there, and names them', async () => {
    const [ear, mind] = readyStatus.models;
    const models = [ear, { ...mind, state: 'downloading', received_bytes: 412_000_000 }];
    server.setStatus({ status: 'loading', loading: ['start', 'model files'], models });
    await open();
    await talk.mood('loading');
    await expect.poll(talk.help).toContain('still loading');
    const loading = talk.page.getByRole('region', { name: 'Loading' });
    expect(await loading.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/Tiny ear, English\s+downloaded/),
      expect.stringMatching(/Small mind 1\.5B\s+412 MB of 1\.12 GB/),
    ]);
    expect(await loading.getByRole('progressbar', { name: mind.name }).getAttribute('aria-valuenow')).toBe('36');
    expect(await talk.button('Talk').isDisabled()).toBe(true);
    server.setStatus({ status: 'loading', loading: ['start', 'language model'], models: readyStatus.models });
    await expect.poll(() => loading.textContent()).toBe('Starting: language model');
    server.setStatus({ ...readyStatus, expect: { responseLatencyMs: 900, concurrentCalls: 2 } });
    await talk.mood('idle');
    expect(await talk.button('Talk').isEnabled()).toBe(true);
    expect(await talk.help()).toBe('');
    await talk.button('Models').click();
    await talk.page.getByRole('dialog').getByText(mind.name).waitFor();
    const named = await talk.page.getByRole('dialog').getByRole('listitem').allInnerTexts();
    const figures = talk.page
      .getByRole('dialog')
      .getByText('It should answer in about 900 ms and carry 2 calls at once.');
    expect(await figures.count()).toBe(1);
    expect(named[1]).toMatch(/language model\s+Small mind 1\.5B\s+Apache-2\.0 · 1\.12 GB/i);
  });

  it.each([
    ['close-with-1013', 'Two calls are running'],
    ['refuse-with-503', 'It may be full'],
  ] as const)('explains a full server (%s)', async (policy, text) => {
    server.setCallPolicy(policy);
    await open();
    await talk.button('Talk').click();
    await expect.poll(talk.help).toContain(text);
    await talk.mood('idle');
    expect(await talk.button('Talk').isEnabled()).toBe(true);
  });

  it('explains a call that was cut off, and an error in a call that goes on', async () => {
    await open();
    await talk.button('Talk').click();
    await talk.mood('listening');
    server.call()?.sendError('The voice could not be loaded.');
    await expect.poll(talk.help).toContain('The voice could not be loaded.');
    server.call()?.hangUp(1011, 'The speech engine failed.');
    await expect.poll(talk.help).toContain('The call was cut off');
    expect(await talk.help()).toContain('The speech engine failed.');
    await talk.mood('idle');
  });

  it('says that the server is lost in the middle of a call, and when it is back', async () => {
    await open();
    await talk.button('Talk').click();
    await talk.mood('listening');
    server.setStatus(undefined);
    server.call()?.hangUp(1012, '');
    await expect.poll(talk.help).toContain('The server does not answer');
    expect(await talk.button('Talk').isDisabled()).toBe(true);
    server.setStatus(readyStatus);
    await expect.poll(talk.help, patient).toContain('The server is back');
    expect(await talk.button('Talk').isEnabled()).toBe(true);
  });

  it('asks for the key of a server that has one, and sends it', async () => {
    server.setStatus({ ...readyStatus, key_required: true });
    await open();
    await talk.mood('locked');
    expect(await talk.button('Talk').isDisabled()).toBe(true);
    await talk.page.getByLabel('Key of this server').fill('a-key-of-eight');
    await talk.page.keyboard.press('Enter');
    await talk.mood('idle');
    await talk.button('Talk').click();
    await talk.mood('listening');
    expect(server.offeredProtocols()).toContain('openai-insecure-api-key.a-key-of-eight');
  });

  it('says of a key that the server does not know it, and asks for another', async () => {
    server.setKey('the-right-key');
    await open();
    await talk.mood('locked');
    const field = talk.page.getByLabel('Key of this server');
    await field.fill('a-wrong-key');
    await talk.page.keyboard.press('Enter');
    await talk.page.getByText('The server does not know this key.').first().waitFor();
    expect(await talk.button('Talk').isDisabled()).toBe(true);
    expect(await field.inputValue()).toBe('a-wrong-key');
    expect(await talk.violations()).toEqual([]);
    await field.fill('the-right-key');
    await talk.page.keyboard.press('Enter');
    await talk.mood('idle');
    expect(await talk.button('Talk').isEnabled()).toBe(true);
  });

  it.each([
    [refusedMicrophone, 'The microphone is blocked', 'allow the microphone for this site'],
    [missingMicrophone, 'No microphone was found', 'Plug one in'],
    [noMicrophoneAtAll, 'The browser gives no microphone to this address', 'https://'],
  ])('explains why there is no microphone, and what to do (%#)', async (beforeLoad, title, advice) => {
    await open({ beforeLoad });
    await talk.button('Talk').click();
    await expect.poll(talk.help).toContain(title);
    expect(await talk.help()).toContain(advice);
    expect(await talk.help()).toContain('write instead');
    await talk.mood('idle');
    expect(server.received).toEqual([]);
  });

  it('explains a microphone that the caller has refused', async () => {
    const strict = await launchBrowser(binary, { allowMicrophone: false });
    try {
      talk = await openTalkPage(strict, server.url);
      await talk.button('Talk').click();
      await expect.poll(talk.help).toContain('The microphone is blocked');
      await talk.close();
    } finally {
      await strict.close();
    }
  });

  it('fits a width of 320 px without scrolling sideways', async () => {
    await open({ viewport: { width: 320, height: 700 } });
    const sizes = () => talk.page.evaluate<number[]>('[document.documentElement.scrollWidth, window.innerWidth]');
    expect(await sizes()).toEqual([320, 320]);
    await talk.button('Talk').click();
    await talk.page.getByRole('button', { name: /^Timing.*612/ }).click({ timeout: 15_000 });
    expect(await sizes()).toEqual([320, 320]);
    await talk.button('Settings').click();
    expect(await sizes()).toEqual([320, 320]);
  });

  it('is light or dark as the system is, until the caller says otherwise', async () => {
    await open({ colorScheme: 'dark' });
    const ground = () => talk.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const dark = await ground();
    await talk.button('Switch to light colours').click();
    const light = await ground();
    expect(light).not.toBe(dark);
    await talk.page.reload();
    await talk.mood('idle');
    expect(await ground()).toBe(light);
    expect(talk.complaints).toEqual([]);
  });

  it.each([
    ['light', 1_280],
    ['dark', 1_280],
    ['light', 320],
  ] as const)('has nothing that axe calls serious: %s, %i px wide', async (colorScheme, width) => {
    await withScript(longAnswer);
    await open({ colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' });
    await talk.mood('idle');
    expect(await talk.violations()).toEqual([]);
    await talk.button('Talk').click();
    await talk.page.locator('[data-words="changing"]').filter({ hasText: 'small' }).waitFor();
    expect(await talk.violations()).toEqual([]);
    await talk.mood('speaking');
    await expect.poll(async () => (await talk.stats()).playback.playedMs, patient).toBeGreaterThan(1_800);
    await talk.page.keyboard.press('Escape');
    await talk.page.getByRole('button', { name: /^Timing/ }).click();
    await talk.page.locator('[data-words="unheard"]').waitFor();
    expect(await talk.violations()).toEqual([]);
    await talk.button('Settings').click();
    await talk.page.getByLabel('Echo cancellation').waitFor();
    expect(await talk.violations()).toEqual([]);
    await talk.page.keyboard.press('Escape');
    await talk.button('Models').click();
    await talk.page.getByRole('dialog').waitFor();
    expect(await talk.violations()).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'has nothing that axe calls serious where there is a problem: %s',
    async (scheme) => {
      await open({ colorScheme: scheme, beforeLoad: refusedMicrophone });
      await talk.button('Talk').click();
      await expect.poll(talk.help).toContain('blocked');
      expect(await talk.violations()).toEqual([]);
      server.setStatus({ ...readyStatus, key_required: true });
      await talk.page.reload();
      await talk.mood('locked');
      expect(await talk.violations()).toEqual([]);
      server.setStatus({
        status: 'loading',
        loading: ['model files'],
        models: [{ ...readyStatus.models[0], state: 'downloading' }],
      });
      await talk.page.reload();
      await talk.page.getByRole('progressbar').waitFor();
      expect(await talk.violations()).toEqual([]);
    },
  );
});
