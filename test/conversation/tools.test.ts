import { describe, expect, it } from 'vitest';
import { CallRig } from './support/call-rig.js';

const toolbox = {
  tools: [
    {
      name: 'weather',
      description: 'The weather.',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  ],
  choice: 'auto',
} as const;
const call = '{"name":"weather","arguments":{"city":"Paris"}}';

const reply = (said: string): string => (said.includes('tool_response') ? 'It rains there.' : call);

async function asked(rig: CallRig) {
  rig.session.controls.setTools(toolbox);
  await rig.say('weather in paris please');
  await rig.until('tool-called');
  await rig.until('reply-finished');
  return rig.of('tool-called')[0]?.event.call;
}

describe('a call in which tools are called', () => {
  it('is told of a call when its turn is committed, once, and never of one that was only drafted', async () => {
    const rig = await CallRig.open({ reply });
    const made = await asked(rig);
    expect(made).toMatchObject({ name: 'weather', arguments: '{"city":"Paris"}' });
    const order = rig.events.map(({ event }) => event.type).filter((type) => /turn-committed|tool-called/.test(type));
    expect(order).toEqual(['turn-committed', 'tool-called']);
    await rig.end();
  });

  it('hears what came of it', async () => {
    const rig = await CallRig.open({ reply });
    const made = await asked(rig);
    rig.session.controls.addResult({ callId: made?.callId ?? '', output: 'rain' });
    rig.session.controls.respond();
    await rig.until('reply-finished', 2);
    expect(rig.heard()).toMatch(/it rains there$/);
    await rig.end();
  });

  it('is never silent for long while a tool takes its time, and is not asked whether it is there', async () => {
    const rig = await CallRig.open({ reply });
    await asked(rig);
    const fromMs = rig.clock.nowMs();
    await rig.clock.advance(7_000);
    const begun = rig
      .of('reply-started')
      .filter(({ event }) => event.phrase !== undefined)
      .map(({ event, atMs }) => ({ phrase: event.phrase, atMs: atMs - fromMs }));
    expect(begun.length).toBeGreaterThanOrEqual(2);
    expect(new Set(begun.map(({ phrase }) => phrase))).toEqual(new Set(['filler']));
    expect(begun[0]?.atMs).toBeLessThanOrEqual(2_500);
    await rig.end();
  });
});
