import { afterAll, beforeAll, describe, it, type TestContext } from 'vitest';
import { concatSamples } from '../../src/audio/frame.js';
import { skipNotice } from '../fixtures/recordings.js';
import { type BrowserBinary, findBrowser } from '../support/browser.js';
import { startScriptedEnginesServer } from '../support/scripted-engines-server.js';
import {
  launchSpeakingBrowser,
  microphoneThatWaits,
  type SpeakingBrowser,
  speakInto,
} from '../support/speaking-browser.js';
import { syntheticVoice } from '../support/synthetic-voice.js';
import { openTalkPage } from '../support/talk-page.js';

const patient = { timeout: 15_000, interval: 50 };
const order = 'Could I have a latte';
const spoken = syntheticVoice([
  { kind: 'voice', ms: 1_200 },
  { kind: 'room', ms: 500 },
]);
/** What is written is answered at length, so that there is time to cut it short. An opener may come before it where a machine is slow. */
const answer = (said: string): string =>
  said === order ? `I heard ${said}.` : `Sure, I heard ${said}. That is a long order and I repeat all of it for you.`;

const found = await findBrowser();
if ('missing' in found) skipNotice(3, found.missing);

// Each test has a page and a server of its own, and waits for most of its time.
const timeout = 60_000;
describe.skipIf('missing' in found).concurrent('the page before sessions with scripted engines', { timeout }, () => {
  let speaking: SpeakingBrowser;

  beforeAll(async () => {
    const room = (ms: number): Float32Array => syntheticVoice([{ kind: 'room', ms }]);
    const voice = concatSamples([room(4_000), spoken, room(8_000)]);
    speaking = await launchSpeakingBrowser((found as { binary: BrowserBinary }).binary, voice);
  });

  afterAll(() => speaking?.close());

  async function open({ onTestFinished }: TestContext, options: { readonly beforeLoad?: string } = {}) {
    const server = await startScriptedEnginesServer({ transcripts: [order], reply: answer });
    const talk = await openTalkPage(speaking.browser, server.url, options);
    onTestFinished(async () => {
      await talk.close();
      await server.close();
    });
    return {
      talk,
      lastAgentWords: async () => (await talk.words('agent')).at(-1),
      write: async (text: string) => {
        await talk.page.getByLabel('Write to the agent').fill(text);
        await talk.page.keyboard.press('Enter');
      },
    };
  }

  it('takes a turn by voice, and one in writing that Escape cuts short', async (test) => {
    const { expect } = test;
    const { talk, lastAgentWords, write } = await open(test);
    await talk.button('Talk').click();
    await expect.poll(() => talk.words('caller'), patient).toEqual([order]);
    await expect.poll(lastAgentWords, patient).toContain(answer(order));
    await talk.mood('listening');
    expect((await talk.stats()).turns).toBe(1);

    await write('and a muffin');
    await expect.poll(lastAgentWords, patient).toContain('and a muffin');
    await talk.mood('speaking');
    await talk.page.keyboard.press('Escape');
    await expect.poll(lastAgentWords, patient).toMatch(/interrupted$/);
    await talk.mood('listening');
    await expect.poll(async () => (await talk.stats()).truncations.length).toBe(1);
    expect(await talk.help()).toBe('');
    expect(talk.complaints).toEqual([]);
  });

  it('answers what is typed into a reply, whoever began the call', async (test) => {
    const { expect } = test;
    const { talk, lastAgentWords, write } = await open(test, {
      beforeLoad: `MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))`,
    });
    await talk.mood('idle');
    await write('one');
    await expect.poll(lastAgentWords, patient).toContain('one');
    await talk.mood('speaking');
    await write('two');
    await expect.poll(lastAgentWords, patient).toBe(answer('two'));
    await talk.mood('waiting');
    // Typed first: nobody needs a greeting.
    expect(await talk.words('agent')).toEqual([expect.stringMatching(/one.*interrupted$/), answer('two')]);
    expect(await talk.help()).toBe('');
  });

  it('pushes to talk: a turn ends when the key is let go, and a slip of the finger is none', async (test) => {
    const { expect } = test;
    const { talk, lastAgentWords } = await open(test, {
      beforeLoad: `${microphoneThatWaits} localStorage.setItem('parley.talk', JSON.stringify({ mode: 'push-to-talk' }))`,
    });
    await talk.mood('idle');
    await talk.page.keyboard.press('Space');
    await talk.mood('waiting');
    await talk.page.keyboard.down('Space');
    await talk.page.waitForTimeout(100);
    await talk.page.keyboard.up('Space');
    await talk.mood('waiting');
    await talk.page.keyboard.down('Space');
    await speakInto(talk.page, spoken);
    await talk.page.keyboard.up('Space');
    await expect.poll(() => talk.words('caller'), patient).toEqual([order]);
    await expect.poll(lastAgentWords, patient).toContain(answer(order));
    await talk.mood('waiting');
    expect(await talk.help()).toBe('');
  });
});
