import { describe, expect, it } from 'vitest';
import { ToneVocabulary } from '../tone-words.js';
import { type CallerLine, prepareLines } from './caller-lines.js';
import { createDirector, type Director, type DirectorAction, type DirectorView } from './director.js';
import { parseScenario } from './read-scenario.js';
import { toneCaller } from './tone-caller.js';

const frameMs = 20;

type Stretch = { readonly fromMs: number; readonly toMs: number };

/** Plays a director against an agent that is audible in these stretches. */
async function direct(
  lines: readonly string[],
  agent: readonly Stretch[],
  words: DirectorView['words'] = [],
): Promise<{ director: Director; actions: { atMs: number; action: DirectorAction }[]; spoken: CallerLine[] }> {
  const { scenario } = parseScenario(['name: test', ...lines].join('\n'), 'test.yaml');
  const spoken = await prepareLines(scenario, toneCaller(new ToneVocabulary()), {
    rateHz: 16_000,
    seed: 1,
    rendered: false,
  });
  const director = createDirector(scenario, spoken);
  const actions: { atMs: number; action: DirectorAction }[] = [];
  for (let nowMs = 0; nowMs < 120_000; nowMs += frameMs) {
    const audible = agent.some(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs);
    const view = { nowMs, audible, busy: audible, ended: false, words: words.filter(({ atMs }) => atMs <= nowMs) };
    actions.push(...director.step(view).map((action) => ({ atMs: nowMs, action })));
    if (actions.at(-1)?.action.type === 'end') break;
  }
  return { director, actions, spoken };
}

const speaking = (actions: readonly { atMs: number; action: DirectorAction }[]): number[] =>
  actions.flatMap(({ atMs, action }) => (action.type === 'speak' ? [atMs] : []));

describe('the caller of a scenario', () => {
  it('is polite by default: waits for the end of the answer, and a moment', async () => {
    const { actions, director } = await direct(
      ['steps: [{ say: hello there }, { say: and more }]'],
      [
        { fromMs: 2_000, toMs: 4_000 },
        { fromMs: 7_000, toMs: 8_000 },
      ],
    );
    const [first, second] = speaking(actions);
    expect(first).toBe(300);
    expect(second).toBeGreaterThan(4_000 + 900);
    expect(second).toBeLessThan(4_000 + 1_100);
    expect(director.marks.map(({ stuck }) => stuck)).toEqual([undefined, undefined]);
  });

  it('goes on after eight seconds without an answer', async () => {
    const { actions } = await direct(['steps: [{ say: hello }, { say: are you there }]'], []);
    const [first = 0, second = 0] = speaking(actions);
    expect(second - first).toBeGreaterThan(8_000);
    expect(second - first).toBeLessThan(9_000);
  });

  it('breaks in so long after the answer has begun', async () => {
    const { actions } = await direct(
      ['steps:', '  - say: hello', '  - { say: stop, send_after: { event: agent_starts, delay_ms: 1500 } }'],
      [{ fromMs: 2_000, toMs: 9_000 }],
    );
    expect(speaking(actions)[1]).toBe(3_500);
  });

  it('breaks in at a word of the answer, and not at the same word of an earlier one', async () => {
    const words = [
      { text: 'one', atMs: 2_000 },
      { text: 'two', atMs: 2_300 },
      { text: 'three', atMs: 2_600 },
    ];
    for (const word of ['3', 'three']) {
      const { actions } = await direct(
        ['steps:', '  - say: hello', `  - { say: stop, send_after: { event: agent_word, word: ${word} } }`],
        [{ fromMs: 2_000, toMs: 9_000 }],
        [{ text: 'three', atMs: 100 }, ...words],
      );
      expect(speaking(actions)[1], word).toBe(2_600);
    }
  });

  it('says so when what it waits for does not come, and goes on', async () => {
    const { director, actions } = await direct(
      ['steps:', '  - say: hello', '  - { say: stop, send_after: { event: agent_starts } }'],
      [],
    );
    expect(director.marks[1]?.stuck).toBe('agent_starts did not come');
    expect(speaking(actions)).toHaveLength(2);
  });

  it('murmurs every so often while the agent speaks, and stops with it', async () => {
    const { actions } = await direct(
      ['steps:', '  - say: hello', '  - backchannels: { say: [yes, right], every_ms: 2000 }'],
      [{ fromMs: 2_000, toMs: 9_000 }],
    );
    expect(speaking(actions).slice(1)).toEqual([4_000, 6_000, 8_000]);
  });

  it('waits out a silence, and then does what comes next', async () => {
    const { actions } = await direct(['steps: [{ silence: 5000 }, { say: hello }, { hang_up: true }]'], []);
    expect(speaking(actions)[0]).toBeGreaterThanOrEqual(5_000);
    expect(actions.at(-1)?.action.type).toBe('end');
  });
});
