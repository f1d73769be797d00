import { describe, expect, it } from 'vitest';
import { CallRig } from './support/call-rig.js';

/** Why each turn was taken to be over. */
function reasons(rig: CallRig): string[] {
  return rig.of('turn-measured').map(({ event }) => event.marks.because);
}

describe('what the agent waits for, in a call', () => {
  it('is what it was heard to ask for, and ends a yes or no at once', async () => {
    const rig = await CallRig.open({ reply: () => 'One latte. Is that right?' });
    await rig.exchange('yes');
    await rig.exchange('yes');
    const [before, after] = reasons(rig);
    expect(before).not.toContain('a yes or no');
    expect(after).toContain('a yes or no');
    await rig.end();
    expect(rig.problems()).toEqual([]);
  });

  it('is nothing when the caller stopped it before the question', async () => {
    const rig = await CallRig.open({
      reply: () => 'I have put down one large latte with some milk for you today so is that right?',
    });
    await rig.say('a latte');
    await rig.until('reply-text', 1);
    await rig.clock.advance(400);
    await rig.say('yes well that is not what i meant');
    await rig.until('reply-started', 2);
    await rig.until('reply-finished', 2);
    const expects = rig.logLines.filter((line) => line.includes('"type":"expect"'));
    expect(expects[0]).toContain('"kind":"free"');
    await rig.end();
  });
});
