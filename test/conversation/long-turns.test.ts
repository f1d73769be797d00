import { describe, expect, it } from 'vitest';
import type { ScriptedSpeechToTextOptions } from '../../src/testing/scripted-speech-to-text.js';
import { CallRig, type CallRigOptions } from './support/call-rig.js';

/** 310 words of 290 ms: 90 s of speech. */
const words = Array.from({ length: 310 }, (_, index) => `word${(index * 7) % 31}`);
const text = words.join(' ');

/** A recogniser that tells every word apart; without partials, each of which would listen to all of it again. */
const stt: Partial<ScriptedSpeechToTextOptions> = { partialEveryMs: 0 };

function call(options: CallRigOptions = {}): Promise<CallRig> {
  return CallRig.open({ reply: 'Okay.', stt, endOfTurn: { probability: [1] }, ...options });
}

describe('a caller who speaks for a minute and a half', () => {
  it('is heard to the last word, and answered as soon as anybody', async () => {
    const rig = await call();
    await rig.say(text);
    const saidMs = rig.clock.nowMs();
    await rig.until('reply-finished');
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual([text]);
    expect(rig.audibleAfter(saidMs) - saidMs).toBeLessThan(1_000);
    expect(rig.problems()).toEqual([]);
    await rig.end();
  });

  it('with pauses after each ten seconds is heard to the last word, too', async () => {
    const rig = await call({ endOfTurn: { probability: [...Array<number>(8).fill(0.05), 1] } });
    for (let part = 0; part < 9; part++) {
      await rig.say(words.slice(part * 35, part * 35 + 35).join(' '));
      if (part < 8) await rig.clock.advance(700);
    }
    await rig.until('reply-finished');
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual([text]);
    await rig.end();
  });

  it('in push-to-talk mode is heard from the first word to the last, and more than once', async () => {
    const rig = await call({ settings: { detection: 'manual' } });
    for (let turn = 1; turn <= 2; turn++) {
      await rig.say(text);
      rig.session.controls.commitInput();
      await rig.until('reply-finished', turn);
    }
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual([text, text]);
    expect(rig.problems()).toEqual([]);
    await rig.end();
  });

  it('in push-to-talk mode may take all of it back', async () => {
    const rig = await call({ settings: { detection: 'manual' } });
    await rig.say(words.slice(0, 100).join(' '));
    rig.session.controls.clearInput();
    await rig.say('a tea');
    rig.session.controls.commitInput();
    await rig.until('reply-finished');
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual(['a tea']);
    await rig.end();
  });

  it('in push-to-talk mode loses no word to a response that is asked for meanwhile', async () => {
    const rig = await call({ settings: { detection: 'manual' } });
    await rig.say(words.slice(0, 200).join(' '));
    rig.session.controls.respond();
    await rig.say(words.slice(200).join(' '));
    rig.session.controls.commitInput();
    await rig.until('turn-committed');
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual([text]);
    await rig.end();
  });
});
