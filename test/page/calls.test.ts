import { describe } from 'vitest';
import { skipNotice } from '../fixtures/recordings.js';
import { type BrowserBinary, findBrowser } from '../support/browser.js';
import { longAnswer, pageTest, patient, refusedMicrophone, script } from './support/page-test.js';

const found = await findBrowser();
if ('missing' in found) skipNotice(13, found.missing);

// Each test has a page of its own, which waits for most of its time.
describe.skipIf('missing' in found).concurrent('a call on the page at /', () => {
  const binary = (found as { binary: BrowserBinary }).binary;
  const it = pageTest(binary);

  it('plays the greeting and the reply, shows the words of both sides, and draws the turn', async ({ at, expect }) => {
    const talk = await at.open();
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
    expect(at.server.received[0]).toEqual({
      type: 'session.update',
      session: { type: 'realtime', parley: { turn_metrics: true } },
    });
    expect(talk.complaints).toEqual([]);
    expect(talk.requests.filter((url) => !url.startsWith(at.server.url))).toEqual([]);
  });

  it('begins and ends a call by keyboard and gives the microphone back', async ({ at, expect }) => {
    const talk = await at.open();
    await talk.mood('idle');
    // With the focus nowhere in particular, and then on the button.
    await talk.page.keyboard.press('Space');
    await talk.mood('listening');
    await talk.button('Hang up').focus();
    await talk.page.keyboard.press('Enter');
    await talk.mood('idle');
    await expect.poll(() => at.server.call()).toBeUndefined();
    expect(await talk.button('Talk').evaluate((button) => button.matches(':focus'))).toBe(true);
  });

  it('tells words that stay from words that may still change', async ({ at, expect }) => {
    const talk = await at.open();
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

  it('goes on listening after a word in passing, and shows it as one', async ({ at, expect }) => {
    const talk = await at.open({ beforeLoad: refusedMicrophone });
    await talk.page.getByLabel('Write to the agent').fill('Hello');
    await talk.button('Send').click();
    await talk.mood('waiting');
    at.server.call()?.murmur('uh huh');
    await talk.page.getByText('You, in passing').waitFor();
    await talk.mood('waiting');
    expect(await talk.words('caller')).toEqual(['Hello', 'uh huh']);
    expect(await talk.page.locator('[data-words="changing"]').allInnerTexts()).toEqual(['', '']);
    // What was heard to its end is not cut when the next thing is written.
    await talk.page.getByLabel('Write to the agent').fill('Bye');
    await talk.button('Send').click();
    await expect.poll(() => at.sent('response.create').length).toBe(2);
    await talk.mood('waiting');
    expect(at.sent('conversation.item.truncate')).toEqual([]);
    expect(at.sent('response.cancel')).toEqual([]);
  });

  it('drops what is queued when the caller interrupts, ignores late frames, and tells how much was heard', async ({
    at,
    expect,
  }) => {
    await at.withScript(longAnswer);
    const talk = await at.open();
    await talk.button('Talk').click();
    await expect.poll(async () => (await talk.stats())?.playback.playedMs ?? 0, patient).toBeGreaterThan(1_400);
    await talk.mood('speaking');
    at.server.call()?.interrupt();

    await talk.mood('listening');
    await expect.poll(() => at.server.received.at(-1)?.type).toBe('conversation.item.truncate');
    const after = await talk.stats();
    const truncate = at.server.received.at(-1);
    expect(truncate).toEqual({
      type: 'conversation.item.truncate',
      item_id: after.truncations[0]?.itemId,
      content_index: 0,
      audio_end_ms: after.truncations[0]?.heardMs,
    });
    expect(after.playback.receivedMs).toBe(at.server.call()?.sentMs());
    expect(after.playback.flushedMs).toBeGreaterThan(1_000);
    expect(after.playback.receivedMs - after.playback.flushedMs).toBeCloseTo(after.playback.playedMs, 0);
    // Heard is what was played of this reply, without the greeting and without what the sound device still holds.
    expect(truncate?.audio_end_ms).toBeGreaterThan(after.playback.playedMs - 400 - 300);
    expect(truncate?.audio_end_ms).toBeLessThanOrEqual(after.playback.playedMs - 400);
    await talk.page.waitForTimeout(200);
    expect((await talk.stats()).playback.playedMs).toBe(after.playback.playedMs);
  });

  it.for(['Escape', 'i'])(
    'interrupts by the key %s, and shows which words were not heard',
    async (key, { at, expect }) => {
      await at.withScript(longAnswer);
      const talk = await at.open();
      await talk.button('Talk').click();
      await expect.poll(async () => (await talk.stats())?.playback.playedMs ?? 0, patient).toBeGreaterThan(1_800);
      await talk.page.keyboard.press(key);
      await talk.mood('listening');
      expect(at.sent('response.cancel')).toHaveLength(1);
      await expect.poll(() => at.sent('conversation.item.truncate').length).toBe(1);
      const heard = (await talk.page.locator('[data-words="heard"]').textContent()) ?? '';
      const unheard = (await talk.page.locator('[data-words="unheard"]').textContent()) ?? '';
      expect(heard).not.toBe('');
      expect(unheard).not.toBe('');
      expect(script.reply.startsWith(heard + unheard.trimEnd())).toBe(true);
      const line = `getComputedStyle(document.querySelector('[data-words="unheard"]')).textDecorationLine`;
      expect(await talk.page.evaluate(line)).toBe('line-through');
      expect((await talk.words('agent'))[1]).toMatch(/interrupted$/);
      expect(await talk.button('Interrupt the agent').getAttribute('aria-disabled')).toBe('true');
    },
  );

  it('takes a turn by keyboard alone, in writing and without a microphone', async ({ at, expect }) => {
    const talk = await at.open({ beforeLoad: refusedMicrophone });
    await talk.mood('idle');
    for (let presses = 0; presses < 12; presses++) {
      await talk.page.keyboard.press('Tab');
      if (await talk.page.getByLabel('Write to the agent').evaluate((box) => box.matches(':focus'))) break;
    }
    await talk.page.keyboard.type('A flat white, please');
    await talk.page.keyboard.press('Enter');
    await expect.poll(() => talk.words('agent'), patient).toContain(script.reply);
    expect(await talk.words('caller')).toEqual(['A flat white, please']);
    expect(at.sent('conversation.item.create')).toHaveLength(1);
    expect(await talk.words('agent')).toEqual([script.reply]);
    expect(at.sent('response.create')).toHaveLength(1);
    expect((await talk.stats()).sentFrames).toBe(0);
    await talk.mood('waiting');
    expect((await talk.stats()).playback.maxPeak).toBeGreaterThan(0.4);
  });

  it('interrupts the reply when something is typed into it, and asks only when it is over', async ({ at, expect }) => {
    await at.withScript(longAnswer);
    const talk = await at.open();
    await talk.button('Talk').click();
    await expect.poll(async () => (await talk.stats())?.playback.playedMs ?? 0, patient).toBeGreaterThan(1_400);
    await talk.page.getByLabel('Write to the agent').fill('Stop, make it two');
    await talk.button('Send').click();
    await expect.poll(() => at.sent('response.create').length).toBe(1);
    const types = at.server.received.map(({ type }) => type).filter((type) => type !== 'conversation.item.truncate');
    expect(types).toEqual(['session.update', 'response.cancel', 'conversation.item.create', 'response.create']);
    expect(await talk.help()).toBe('');
  });

  it('listens only while the button is held when told to push to talk', async ({ at, expect }) => {
    const talk = await at.open();
    await talk.button('Settings').click();
    await talk.page.getByLabel('Push to talk').check({ force: true });
    await talk.page.keyboard.press('Escape');
    await talk.button('Talk').click();
    await talk.mood('waiting');
    const begin = at.server.received[0] as { session?: { audio?: unknown } } | undefined;
    expect(begin?.session?.audio).toEqual({ input: { turn_detection: null } });
    expect((await talk.stats()).sentFrames).toBe(0);

    const hold = talk.button('Hold to talk');
    await expect.poll(() => hold.evaluate((button) => button.matches(':focus'))).toBe(true);
    await talk.page.keyboard.down('Space');
    await talk.mood('listening');
    await expect.poll(async () => (await talk.stats()).sentFrames, patient).toBeGreaterThan(20);
    expect(at.sent('input_audio_buffer.commit')).toEqual([]);
    await talk.page.keyboard.up('Space');
    await expect.poll(() => talk.words('agent'), patient).toContain(script.reply);
    expect(at.sent('input_audio_buffer.commit')).toHaveLength(1);
    expect(at.sent('response.create')).toHaveLength(1);
    const { sentFrames } = await talk.stats();
    await talk.page.waitForTimeout(200);
    expect((await talk.stats()).sentFrames).toBe(sentFrames);
  });

  it('asks for the microphone and the echo cancellation that were chosen, in the middle of a call too', async ({
    at,
    expect,
  }) => {
    const talk = await at.open({
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

  it('sends silence while it is muted', async ({ at, expect }) => {
    // A microphone in which somebody never stops to talk.
    const talk = await at.open({
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

  it('resamples both ways where the browser refuses a context at 24 kHz', async ({ at, expect }) => {
    const talk = await at.open({
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
});
