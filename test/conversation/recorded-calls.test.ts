import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStoredCall } from '../../src/cli/stored-call.js';
import { tellCall } from '../../src/conversation/explain/call-story.js';
import { narrate } from '../../src/conversation/explain/narrate.js';
import { checkPin, parsePin, pinTurn, writePin } from '../../src/conversation/explain/pin.js';
import { recordedCall } from '../../src/conversation/explain/recorded-turns.js';
import { whatIf } from '../../src/conversation/explain/what-if.js';
import { replay } from '../../src/conversation/replay.js';
import { CallRig, type CallRigOptions, wordsOf } from './support/call-rig.js';

const gone = (what: string): Error => new Error(`the ${what} is gone`);

/** Calls in virtual time, from quiet ones to ones in which something goes wrong. Each is ended by `rig.end`. */
const calls: readonly (readonly [string, CallRigOptions, (rig: CallRig) => Promise<void>])[] = [
  [
    'two turns after a greeting',
    { greet: true },
    async (rig) => {
      await rig.until('reply-finished');
      await rig.exchange('a coffee');
      await rig.exchange('a tea');
    },
  ],
  [
    'a caller who pauses and goes on',
    { endOfTurn: { probability: 0.2 } },
    async (rig) => {
      await rig.say('a coffee and');
      await rig.clock.advance(600);
      await rig.exchange('a tea');
    },
  ],
  [
    'an interruption',
    { reply: 'Okay, this is a rather long reply to what you have said. It has more.' },
    async (rig) => {
      await rig.say('a coffee');
      await rig.until('reply-text');
      await rig.clock.advance(700);
      await rig.say('no a tea please and some cake');
      await rig.until('reply-finished', 2);
    },
  ],
  [
    'a short sound over the agent',
    { reply: 'Okay, this is a rather long reply to what you have said. It has more.' },
    async (rig) => {
      await rig.say('a coffee');
      await rig.until('reply-text');
      await rig.clock.advance(500);
      await rig.say('mm');
      await rig.until('reply-finished');
    },
  ],
  [
    'a transcript that fails once',
    (() => {
      let asked = 0;
      return { stt: { fail: () => (asked++ === 0 ? gone('ear') : undefined) } };
    })(),
    (rig) => rig.exchange('a coffee'),
  ],
  [
    'a model that hangs',
    { model: { fail: ({ kind }) => (kind === 'generate' ? 'hang' : undefined) } },
    async (rig) => {
      await rig.say('a coffee');
      await rig.until('reply-finished', 2);
    },
  ],
  [
    'a caller who speaks, writes and speaks again',
    {},
    async (rig) => {
      await rig.exchange('a coffee');
      const { controls } = rig.session;
      controls.addMessage({ id: 'item_1', role: 'user', text: 'Make it two.' });
      controls.respond();
      await rig.until('reply-finished', 2);
      await rig.exchange('and a tea');
    },
  ],
  [
    'a caller who writes over an answer and takes it back',
    { reply: 'Okay, this is a rather long reply to what you have said. It has more.' },
    async (rig) => {
      const { controls } = rig.session;
      await rig.say('a coffee');
      await rig.until('turn-committed');
      controls.cancelReply();
      controls.addMessage({ id: 'item_1', role: 'user', text: 'No, a tea.' });
      controls.respond();
      await rig.exchange('and some cake');
    },
  ],
  [
    'a call in writing',
    { greet: true },
    async (rig) => {
      const { controls } = rig.session;
      controls.setWritten(true);
      await rig.until('reply-finished');
      for (const nth of [1, 2]) {
        controls.addMessage({ id: `item_${nth}`, role: 'user', text: 'Two teas.' });
        controls.respond();
        await rig.until('reply-finished', nth + 1);
      }
    },
  ],
  [
    'a caller who hangs up in the middle of a word',
    {},
    async (rig) => {
      await rig.exchange('a coffee');
      await rig.say('and');
    },
  ],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-recorded-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('every recorded call', () => {
  it.each(calls)('replays, is told, and comes out the same in every other way: %s', async (name, options, happen) => {
    const rig = await CallRig.open(options);
    await happen(rig);
    await rig.end();
    const file = join(folder, `${name.replaceAll(' ', '-')}.jsonl`);
    await writeFile(file, `${rig.logLines.join('\n')}\n`);
    const { log } = await readStoredCall(file);
    expect(replay(log)).toMatchObject({ differences: [], disagreements: [] });

    const committed = rig.of('turn-committed').map(({ event }) => event);
    const story = tellCall(log);
    const told = story.turns.flatMap(({ steps }) => steps.filter((step) => step.what === 'committed'));
    expect(told.map((step) => step.what === 'committed' && step.text)).toEqual(committed.map(({ text }) => text));
    const wrote = story.turns.flatMap(({ steps, replies }) =>
      steps.filter(({ what }) => what === 'wrote').map((step) => [step.what === 'wrote' && step.text, replies.length]),
    );
    const written = rig.brain.history.flatMap((item) => (item.role === 'written' ? [[item.text, 1]] : []));
    expect(wrote).toEqual(written);
    for (const { text } of committed) expect(narrate(story)).toContain(`“${text}”`);
    const heard = story.turns.flatMap(({ replies }) => replies).map((reply) => wordsOf(reply.heard ?? ''));
    expect(heard).toEqual(rig.of('reply-finished').map(({ event }) => wordsOf(event.heard)));

    const call = recordedCall(log);
    const { turns } = await whatIf(call, []);
    for (const { recorded, wouldBe, unknown } of turns) if (unknown === undefined) expect(wouldBe).toEqual(recorded);
    expect(turns.filter(({ unknown }) => unknown === undefined).length).toBeGreaterThanOrEqual(committed.length);
    for (const turn of call.turns) {
      if (turn.until === undefined) continue;
      expect(checkPin(parsePin(writePin(pinTurn(call, turn))))).toEqual([]);
    }
  });

  it('says what a discarded draft had cost', async () => {
    const rig = await CallRig.open({ endOfTurn: { probability: 0.2 } });
    await rig.say('a coffee and');
    await rig.clock.advance(1_000);
    await rig.exchange('a tea');
    await rig.end();
    const { log } = await readStoredCall(await stored(rig));
    const steps = tellCall(log).turns.flatMap((turn) => turn.steps);
    const discarded = steps.find((step) => step.what === 'discarded');
    expect(discarded).toMatchObject({ cost: { turn: 1, revision: 1 } });
    expect(discarded?.what === 'discarded' && discarded.cost?.tokens).toBeGreaterThan(0);
  });
});

async function stored(rig: CallRig): Promise<string> {
  const file = join(folder, 'call.jsonl');
  await writeFile(file, `${rig.logLines.join('\n')}\n`);
  return file;
}
