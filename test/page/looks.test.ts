import { describe } from 'vitest';
import { skipNotice } from '../fixtures/recordings.js';
import { type BrowserBinary, findBrowser } from '../support/browser.js';
import { readyStatus } from '../support/scripted-server.js';
import { longAnswer, pageTest, patient, refusedMicrophone } from './support/page-test.js';

const found = await findBrowser();
if ('missing' in found) skipNotice(7, found.missing);

// Each test has a page of its own, which waits for most of its time.
describe.skipIf('missing' in found).concurrent('how the page at / looks', () => {
  const binary = (found as { binary: BrowserBinary }).binary;
  const it = pageTest(binary);

  it('fits a width of 320 px without scrolling sideways', async ({ at, expect }) => {
    const talk = await at.open({ viewport: { width: 320, height: 700 } });
    const sizes = () => talk.page.evaluate<number[]>('[document.documentElement.scrollWidth, window.innerWidth]');
    expect(await sizes()).toEqual([320, 320]);
    await talk.button('Talk').click();
    await talk.page.getByRole('button', { name: /^Timing.*612/ }).click({ timeout: 15_000 });
    expect(await sizes()).toEqual([320, 320]);
    await talk.button('Settings').click();
    expect(await sizes()).toEqual([320, 320]);
  });

  it('is light or dark as the system is, until the caller says otherwise', async ({ at, expect }) => {
    const talk = await at.open({ colorScheme: 'dark' });
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

  it.for([
    ['light', 1_280],
    ['dark', 1_280],
    ['light', 320],
  ] as const)('has nothing that axe calls serious: %s, %i px wide', async ([colorScheme, width], { at, expect }) => {
    await at.withScript(longAnswer);
    const talk = await at.open({ colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' });
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

  it.for(['light', 'dark'] as const)(
    'has nothing that axe calls serious where there is a problem: %s',
    async (scheme, { at, expect }) => {
      const talk = await at.open({ colorScheme: scheme, beforeLoad: refusedMicrophone });
      await talk.button('Talk').click();
      await expect.poll(talk.help).toContain('blocked');
      expect(await talk.violations()).toEqual([]);
      at.server.setStatus({ ...readyStatus, key_required: true });
      await talk.page.reload();
      await talk.mood('locked');
      expect(await talk.violations()).toEqual([]);
      at.server.setStatus({
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
