import { describe, expect, it } from 'vitest';
import { CallRig } from './support/call-rig.js';

const long = 'We have tea, coffee, milk, cocoa and juice in small, medium and large cups today. Which one?';

async function ask(rig: CallRig, text: string, nth: number) {
  const askedMs = rig.clock.nowMs();
  rig.session.controls.addMessage({ id: `item_${nth}`, role: 'user', text });
  rig.session.controls.respond();
  await rig.until('reply-finished', nth);
  return rig.clock.nowMs() - askedMs;
}

describe('a call in writing', () => {
  it('has its answers as fast as they are thought, makes no sound, and all that was written was read', async () => {
    const spoken = await CallRig.open({ reply: long });
    const spokenMs = await ask(spoken, 'a tea', 1);
    await spoken.end();

    const rig = await CallRig.open({ reply: long });
    rig.session.controls.setWritten(true);
    const writtenMs = await ask(rig, 'a tea', 1);
    expect(writtenMs).toBeLessThan(spokenMs / 3);
    expect(
      rig
        .of('reply-text')
        .map(({ event }) => event.text)
        .join(' '),
    ).toBe(long);
    expect(rig.of('reply-finished')[0]?.event).toMatchObject({ status: 'completed', heard: long });
    expect(rig.heard()).toBe('');
    expect(rig.history().at(-1)).toBe(spoken.history().at(-1));
    await rig.end();
  });

  it('keeps what was written before a reply is cancelled', async () => {
    const rig = await CallRig.open({ reply: long, model: { tokenMs: 200 } });
    rig.session.controls.setWritten(true);
    rig.session.controls.respond();
    await rig.until('reply-text');
    const [first] = rig.of('reply-text');
    rig.session.controls.cancelReply();
    await rig.until('reply-finished');
    expect(rig.of('reply-finished')[0]?.event).toMatchObject({ status: 'cancelled', heard: first?.event.text });
    await rig.end();
  });

  it('speaks again when it is asked to', async () => {
    const rig = await CallRig.open({ reply: 'Okay then.' });
    rig.session.controls.setWritten(true);
    await ask(rig, 'a tea', 1);
    rig.session.controls.setWritten(false);
    await ask(rig, 'a tea', 2);
    expect(rig.heard()).toBe('okay then');
    await rig.end();
  });
});
