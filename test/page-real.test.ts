import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeWav } from '../src/audio/wav.js';
import { fixtureRecordingsOf, skipNotice } from './fixtures/recordings.js';
import { type BrowserBinary, findBrowser, launchBrowser } from './support/browser.js';
import { microphoneRateHz, microphoneSamples } from './support/microphone-file.js';
import type { PageStats } from './support/page-stats.js';
import { type RealServer, startRealServer } from './support/real-server.js';

/** The first start may have to fetch the models. */
const readyWithinMs = 600_000;
const callMs = 60_000;
const patient = { timeout: 30_000, interval: 100 };

const found = await findBrowser();
const order = fixtureRecordingsOf('order').find(({ slots }) => slots.coffeeDrink === 'cappuccino');

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
  let page: Page;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-page-real-'));
    const microphoneFile = join(folder, 'microphone.wav');
    if (order === undefined) throw new Error('The recordings have no order of a cappuccino.');
    const samples = await microphoneSamples(order.path, { leadMs: 2_500, tailMs: 8_000 });
    await writeFile(microphoneFile, writeWav([samples], microphoneRateHz));
    server = await startRealServer({ readyWithinMs });
    browser = await launchBrowser((found as { binary: BrowserBinary }).binary, { microphoneFile });
    page = await browser.newPage();
  }, readyWithinMs + 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const stats = () => page.evaluate<PageStats>('window.parleyPage.stats');
  const words = (side: 'caller' | 'agent') => page.locator(`.caption.${side} p`).allInnerTexts();

  it(
    'answers a recorded order by voice',
    async () => {
      await page.goto(server.url);
      await page.getByRole('button', { name: 'Talk' }).click();

      await expect.poll(async () => (await stats()).playback.maxPeak ?? 0, patient).toBeGreaterThan(0.02);
      await expect.poll(async () => (await words('agent'))[0], patient).toMatch(/[a-z]/i);

      await page.locator('body[data-state="listening"]').waitFor({ timeout: patient.timeout });
      const greetingMs = (await stats()).playback.playedMs;
      await page.locator('.turn').first().waitFor({ timeout: patient.timeout });
      await expect.poll(async () => (await stats()).playback.playedMs, patient).toBeGreaterThan(greetingMs + 500);
      const ordered = Object.values(order?.slots ?? {}).flatMap((value) => value.split(' '));
      await expect
        .poll(async () => (await words('caller')).join(' '), patient)
        .toMatch(new RegExp(ordered.join('|'), 'i'));
      await page.locator('body[data-state="listening"]').waitFor({ timeout: patient.timeout });

      const [latency] = await page.locator('.step.total .step-ms').allInnerTexts();
      expect(latency).toMatch(/^[\d,]+ ms$/);
      const { playback, skippedFrames } = await stats();
      expect(playback.droppedSamples).toBe(0);
      expect(skippedFrames).toBe(0);

      await page.getByRole('button', { name: 'Hang up' }).click();
      await page.locator('body[data-state="idle"]').waitFor();
    },
    callMs,
  );
});
