import { describe, expect, it } from 'vitest';
import { isNoncommittal, openerKinds, openerTexts } from '../../src/conversation/think/openers.js';
import { CallRig } from './support/call-rig.js';

/** What tones say: words without marks. */
const toned = (text: string): string => text.replaceAll(',', '').toLowerCase();
/** The longest first: one may begin with another. */
const openers = openerKinds.flatMap((kind) => openerTexts[kind].map(toned)).sort((a, b) => b.length - a.length);

/** A model that takes its time after its first words. */
const slow = { firstTokenMs: 300, tokenMs: 90 };

function begins(heard: string): string | undefined {
  return openers.find((text) => heard.startsWith(`${text} `));
}

describe('openers in a call', () => {
  it('are heard before a reply that takes long, are part of what was said, and are measured apart', async () => {
    const rig = await CallRig.open({
      openers: true,
      reply: (said) => `We will make ${said} for you right now.`,
      model: slow,
    });
    await rig.exchange('could i have a large coffee');
    const [measured] = rig.of('turn-measured');
    const marks = measured?.event.marks;
    expect(marks?.opener).toBeDefined();
    expect(begins(rig.heard())).toBe(toned(marks?.opener ?? ''));
    expect(rig.history()[1]).toBe(`assistant: ${rig.heard()}`);
    expect(marks?.contentLatencyMs).toBeGreaterThan((marks?.responseLatencyMs ?? 0) + 100);
    await rig.end();
    expect(rig.problems()).toEqual([]);
  });

  it('that promise something are not heard before a refusal', async () => {
    const rig = await CallRig.open({
      openers: true,
      reply: () => "I'm not sure about that but the team can help.",
      model: slow,
    });
    for (let i = 0; i < 3; i++) await rig.exchange('could i have a large coffee');
    for (const { event } of rig.of('turn-measured')) {
      const { opener } = event.marks;
      expect(opener === undefined || isNoncommittal(opener)).toBe(true);
    }
    await rig.end();
  });

  it('follow the commit at once when the reply is not ready', async () => {
    const rig = await CallRig.open({
      openers: true,
      reply: (said) => `We will make ${said} for you right now.`,
      model: slow,
    });
    for (let i = 0; i < 5; i++) await rig.exchange('could i have a large coffee');
    const opened = rig.of('turn-measured').filter(({ event }) => event.marks.opener !== undefined);
    expect(opened.length).toBeGreaterThanOrEqual(2);
    for (const { event } of opened)
      expect(event.marks.responseLatencyMs - event.marks.eouDelayMs).toBeLessThanOrEqual(120);
    await rig.end();
  });

  it('are left out when the reply is ready in time', async () => {
    const rig = await CallRig.open({
      openers: true,
      reply: (said) => `We will make ${said}.`,
      model: { firstTokenMs: 20, tokenMs: 5 },
    });
    for (let i = 0; i < 4; i++) await rig.exchange('could i have a large coffee');
    expect(rig.of('turn-measured').filter(({ event }) => event.marks.opener !== undefined).length).toBeLessThan(2);
    await rig.end();
  });

  it('take turns, and stay out of two turns in five', async () => {
    const rig = await CallRig.open({
      openers: true,
      reply: (said) => `We will make ${said} for you right now.`,
      model: slow,
    });
    for (let i = 0; i < 10; i++) await rig.exchange('could i have a large coffee');
    const heard = rig.of('turn-measured').map(({ event }) => event.marks.opener);
    expect(heard).toHaveLength(10);
    const used = heard.filter((text) => text !== undefined);
    expect(used.length).toBeGreaterThanOrEqual(3);
    expect(used.length).toBeLessThanOrEqual(6);
    for (let at = 0; at < heard.length; at++)
      if (heard[at] !== undefined) expect(heard.slice(at + 1, at + 4)).not.toContain(heard[at]);
    await rig.end();
  });
});
