import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureRecordingsOf, skipNotice } from '../fixtures/recordings.js';
import { type BrowserBinary, findBrowser } from '../support/browser.js';
import { microphoneSamples } from '../support/microphone-file.js';
import {
  launchSpeakingBrowser,
  microphoneThatWaits,
  type SpeakingBrowser,
  speakInto,
} from '../support/speaking-browser.js';
import { openTalkPage, type TalkPage } from '../support/talk-page.js';
import type { SharedServer } from './support/shared-server.js';

const callMs = 180_000;
/** For what a busy machine needs longer for. */
const patient = { timeout: 60_000, interval: 100 };

/** Behind the greeting. */
const firstOrderMs = 5_000;
const edgeMs = 300;

const found = await findBrowser();
const orders = fixtureRecordingsOf('order').slice(0, 4);

/** One value of the order is proof that it came through: a word of it may be misheard, with a browser's echo canceller above all. */
function anySlotOf(index: number): RegExp {
  return new RegExp(Object.values(orders[index]?.slots ?? {}).join('|') || '-', 'i');
}

async function orderOf(index: number, padding: { leadMs: number; tailMs: number }): Promise<Float32Array> {
  const order = orders[index];
  if (order === undefined) throw new Error(`There is no order ${index} among the recordings.`);
  const { path, speechStartMs, speechEndMs } = order;
  // Somebody who is much quieter than the caller is taken for another person in the room.
  const stretch = { path, fromMs: speechStartMs - edgeMs, toMs: speechEndMs + edgeMs, levelDb: -24 };
  return microphoneSamples(stretch, padding);
}

if ('missing' in found) skipNotice(1, found.missing);

export function pageCases(server: () => SharedServer): void {
  describe.skipIf('missing' in found)('the page at /', () => {
    let speaker: SpeakingBrowser;
    let talk: TalkPage;

    beforeAll(async () => {
      const first = await orderOf(0, { leadMs: firstOrderMs, tailMs: 2_000 });
      speaker = await launchSpeakingBrowser((found as { binary: BrowserBinary }).binary, first);
      talk = await openTalkPage(speaker.browser, server().url, { beforeLoad: microphoneThatWaits });
    });

    afterAll(() => speaker?.close());

    const turns = async () => (await talk.stats()).turns;
    const quiet = () => talk.page.locator('[data-mood="listening"]').first().waitFor({ timeout: patient.timeout });
    const speaking = () => talk.page.locator('[data-mood="speaking"]').first().waitFor({ timeout: patient.timeout });
    async function speak(index: number): Promise<void> {
      await speakInto(talk.page, await orderOf(index, { leadMs: 0, tailMs: 0 }));
    }
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

        for (let order = 0; order < 3; order++) {
          if (order > 0) await speak(order);
          await expect.poll(turns, patient).toBe(order + 1);
          await quiet();
          expect((await talk.words('caller')).at(-1)).toMatch(anySlotOf(order));
        }
        const bySpeech = await talk.stats();
        expect(bySpeech.truncations).toEqual([]);
        expect(bySpeech.playback.playedMs).toBeGreaterThan(4_000);
        expect(bySpeech.playback.droppedSamples).toBe(0);
        expect(bySpeech.skippedFrames).toBe(0);
        expect(await talk.page.getByRole('button', { name: /^Timing/ }).textContent()).toMatch(
          /P50 [\d,]+ ms\s*P95 [\d,]+ ms\s*3 turns/,
        );

        await write('Could I also get a large green tea with lemon, please?');
        await speaking();
        await quiet();
        expect((await talk.words('agent')).at(-1)).toMatch(/tea/i);
        expect((await talk.stats()).playback.playedMs).toBeGreaterThan(bySpeech.playback.playedMs + 500);

        await write('And two croissants, a toasted cheese sandwich with extra butter, and a small espresso.');
        await speaking();
        await speak(3);
        await expect.poll(async () => (await talk.stats()).truncations.length, patient).toBe(1);
        await expect.poll(() => talk.words('agent'), patient).toContainEqual(expect.stringMatching(/interrupted$/));
        await expect.poll(turns, patient).toBe(4);
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
}
