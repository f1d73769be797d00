import { describe } from 'vitest';
import { skipNotice } from '../fixtures/recordings.js';
import { type BrowserBinary, findBrowser, launchBrowser } from '../support/browser.js';
import { readyStatus } from '../support/scripted-server.js';
import { openTalkPage } from '../support/talk-page.js';
import { missingMicrophone, noMicrophoneAtAll, pageTest, patient, refusedMicrophone } from './support/page-test.js';

const found = await findBrowser();
if ('missing' in found) skipNotice(10, found.missing);

// Each test has a page of its own, which waits for most of its time.
describe.skipIf('missing' in found).concurrent('the page at / when it cannot talk', () => {
  const binary = (found as { binary: BrowserBinary }).binary;
  const it = pageTest(binary);

  it('says how far the models are, offers Talk once they are there, and names them', async ({ at, expect }) => {
    const [ear, mind] = readyStatus.models;
    const models = [ear, { ...mind, state: 'downloading', received_bytes: 412_000_000 }];
    at.server.setStatus({ status: 'loading', loading: ['start', 'model files'], models });
    const talk = await at.open();
    await talk.mood('loading');
    await expect.poll(talk.help).toContain('still loading');
    const loading = talk.page.getByRole('region', { name: 'Loading' });
    expect(await loading.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/Tiny ear, English\s+downloaded/),
      expect.stringMatching(/Small mind 1\.5B\s+412 MB of 1\.12 GB/),
    ]);
    expect(await loading.getByRole('progressbar', { name: mind.name }).getAttribute('aria-valuenow')).toBe('36');
    expect(await talk.button('Talk').isDisabled()).toBe(true);
    at.server.setStatus({ status: 'loading', loading: ['start', 'language model'], models: readyStatus.models });
    await expect.poll(() => loading.textContent()).toBe('Starting: language model');
    at.server.setStatus({ ...readyStatus, expect: { responseLatencyMs: 900, concurrentCalls: 2 } });
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

  it.for([
    ['close-with-1013', 'Two calls are running'],
    ['refuse-with-503', 'It may be full'],
  ] as const)('explains a full server (%s)', async ([policy, text], { at, expect }) => {
    at.server.setCallPolicy(policy);
    const talk = await at.open();
    await talk.button('Talk').click();
    await expect.poll(talk.help).toContain(text);
    await talk.mood('idle');
    expect(await talk.button('Talk').isEnabled()).toBe(true);
  });

  it('explains a call that was cut off, and an error in a call that goes on', async ({ at, expect }) => {
    const talk = await at.open();
    await talk.button('Talk').click();
    await talk.mood('listening');
    at.server.call()?.sendError('The voice could not be loaded.');
    await expect.poll(talk.help).toContain('The voice could not be loaded.');
    at.server.call()?.hangUp(1011, 'The speech engine failed.');
    await expect.poll(talk.help).toContain('The call was cut off');
    expect(await talk.help()).toContain('The speech engine failed.');
    await talk.mood('idle');
  });

  it('says that the server is lost in the middle of a call, and when it is back', async ({ at, expect }) => {
    const talk = await at.open();
    await talk.button('Talk').click();
    await talk.mood('listening');
    at.server.setStatus(undefined);
    at.server.call()?.hangUp(1012, '');
    await expect.poll(talk.help).toContain('The server does not answer');
    expect(await talk.button('Talk').isDisabled()).toBe(true);
    at.server.setStatus(readyStatus);
    await expect.poll(talk.help, patient).toContain('The server is back');
    expect(await talk.button('Talk').isEnabled()).toBe(true);
  });

  it('asks for the key of a server that has one, and sends it', async ({ at, expect }) => {
    at.server.setStatus({ ...readyStatus, key_required: true });
    const talk = await at.open();
    await talk.mood('locked');
    expect(await talk.button('Talk').isDisabled()).toBe(true);
    await talk.page.getByLabel('Key of this server').fill('a-key-of-eight');
    await talk.page.keyboard.press('Enter');
    await talk.mood('idle');
    await talk.button('Talk').click();
    await talk.mood('listening');
    expect(at.server.offeredProtocols()).toContain('openai-insecure-api-key.a-key-of-eight');
  });

  it('says of a key that the server does not know it, and asks for another', async ({ at, expect }) => {
    at.server.setKey('the-right-key');
    const talk = await at.open();
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

  it.for([
    [refusedMicrophone, 'The microphone is blocked', 'allow the microphone for this site'],
    [missingMicrophone, 'No microphone was found', 'Plug one in'],
    [noMicrophoneAtAll, 'The browser gives no microphone to this address', 'https://'],
  ] as const)(
    'explains why there is no microphone, and what to do (%#)',
    async ([beforeLoad, title, advice], { at, expect }) => {
      const talk = await at.open({ beforeLoad });
      await talk.button('Talk').click();
      await expect.poll(talk.help).toContain(title);
      expect(await talk.help()).toContain(advice);
      expect(await talk.help()).toContain('write instead');
      await talk.mood('idle');
      expect(at.server.received).toEqual([]);
    },
  );

  it('explains a microphone that the caller has refused', async ({ at, expect }) => {
    const strict = await launchBrowser(binary, { allowMicrophone: false });
    try {
      const talk = await openTalkPage(strict, at.server.url);
      await talk.button('Talk').click();
      await expect.poll(talk.help).toContain('The microphone is blocked');
    } finally {
      await strict.close();
    }
  });
});
