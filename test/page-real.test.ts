import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeWav } from '../src/audio/wav.js';
import { fixtureRecordingsOf, skipNotice } from './fixtures/recordings.js';
import { type BrowserBinary, findBrowser, launchBrowser } from './support/browser.js';
import { microphoneRateHz, microphoneSamples } from './support/microphone-file.js';
import { type RealServer, startRealServer } from './support/real-server.js';
import { openTalkPage, type TalkPage } from './support/talk-page.js';

/** The first start may have to fetch the models. */
const readyWithinMs = 600_000;
const callMs = 180_000;
/** For what a busy machine needs longer for. */
const patient = { timeout: 60_000, interval: 100 };

/** Longer than a reply: the next order does not run into it, unless the machine is busy. */
const betweenOrdersMs = 9_500;
const edgeMs = 400;

const found = await findBrowser();
const orders = fixtureRecordingsOf('order').slice(0, 3);

function reasonToSkip(): string | undefined {
  if (process.env.PARLEY_TEST_MODELS === 'skip') return 'PARLEY_TEST_MODELS=skip';
  if ('missing' in found) return found.missing;
  return undefined;
}

const skipped = reasonToSkip();
if (skipped !== undefined) skipNotice(1, skipped);

describe.skipIf(skipped !== undefined)('the page at / with the real engines', () => {
  let folder: string;
  let browser: Browser;
  let server: RealServer;
  let talk: TalkPage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-page-real-'));
    const microphoneFile = join(folder, 'microphone.wav');
    const utterances = orders.map(({ path, speechStartMs, speechEndMs }, index) => ({
      path,
      fromMs: speechStartMs - edgeMs,
      toMs: speechEndMs + edgeMs,
      // The first one waits for the greeting.
      quietBeforeMs: index === 0 ? 5_000 : betweenOrdersMs,
    }));
    await writeFile(microphoneFile, writeWav([await microphoneSamples(utterances, 8_000)], microphoneRateHz));
    server = await startRealServer({ readyWithinMs });
    browser = await launchBrowser((found as { binary: BrowserBinary }).binary, { microphoneFile });
    talk = await openTalkPage(browser, server.url);
  }, readyWithinMs + 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const spokenWords = async () => (await talk.words('caller')).join(' ');
  const quiet = () =>
    talk.page.locator('[data-talk-page][data-mood="listening"]').waitFor({ timeout: patient.timeout });
  async function write(text: string): Promise<void> {
    await talk.page.getByLabel('Write to the agent').focus();
    await talk.page.keyboard.type(text);
    await talk.page.keyboard.press('Enter');
  }

  it(
    'holds a call: three turns by voice, one by keyboard alone, one interruption',
    async () => {
      await talk.mood('idle');
      await talk.page.keyboard.press('Space');
      await expect.poll(async () => (await talk.words('agent'))[0], patient).toMatch(/[a-z]/i);
      await expect.poll(async () => (await talk.stats()).playback.maxPeak, patient).toBeGreaterThan(0.02);

      await expect.poll(async () => (await talk.stats()).turns, patient).toBe(orders.length);
      await quiet();
      for (const { slots } of orders) expect(await spokenWords()).toMatch(new RegExp(slots.coffeeDrink ?? '-', 'i'));
      const bySpeech = await talk.stats();
      expect(bySpeech.playback.playedMs).toBeGreaterThan(4_000);
      expect(bySpeech.playback.droppedSamples).toBe(0);
      expect(bySpeech.skippedFrames).toBe(0);
      expect(await talk.page.getByRole('button', { name: /^Timing/ }).textContent()).toMatch(
        /P50 [\d,]+ ms\s*P95 [\d,]+ ms\s*3 turns/,
      );

      const repliesByVoice = (await talk.words('agent')).length;
      await write('Could I also get a large green tea with lemon, please?');
      await expect.poll(async () => (await talk.words('agent')).length, patient).toBe(repliesByVoice + 1);
      await talk.mood('speaking');
      await quiet();
      expect((await talk.words('agent')).at(-1)).toMatch(/tea/i);
      const byKeyboard = await talk.stats();
      expect(byKeyboard.playback.playedMs).toBeGreaterThan(bySpeech.playback.playedMs + 500);
      expect(byKeyboard.truncations).toHaveLength(bySpeech.truncations.length);

      await write('And two croissants, a toasted cheese sandwich with extra butter, and a small espresso.');
      await talk.mood('speaking');
      const { playedMs } = byKeyboard.playback;
      await expect.poll(async () => (await talk.stats()).playback.playedMs, patient).toBeGreaterThan(playedMs + 600);
      await talk.page.keyboard.press('Escape');
      await expect.poll(async () => (await talk.words('agent')).at(-1), patient).toMatch(/interrupted$/);
      await expect
        .poll(async () => (await talk.stats()).truncations.length, patient)
        .toBe(byKeyboard.truncations.length + 1);
      await quiet();
      expect(await talk.help()).toBe('');
      expect(await talk.violations()).toEqual([]);

      await talk.button('Hang up').click();
      await talk.mood('idle');
      expect(talk.complaints).toEqual([]);
    },
    callMs,
  );
});
