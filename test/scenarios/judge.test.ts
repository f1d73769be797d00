import { describe, expect, it } from 'vitest';
import { defaultTurnSettings, type TurnSettings } from '../../src/conversation/turn/settings.js';
import { defaultTalkSettings } from '../../src/conversation/turn/talk-settings.js';
import { judge } from '../../src/testing/scenarios/judge.js';
import { parseScenario } from '../../src/testing/scenarios/read-scenario.js';
import type { Verdict } from '../../src/testing/scenarios/verdict.js';
import { virtualCall } from '../../src/testing/scenarios/virtual-call.js';

const long =
  'We have espresso and americano and cappuccino and latte and mocha in small and medium and large cups today and every day.';
const agent = `agent: { replies: [{ to: menu, say: "${long}" }, { to: slow, say: Here it is, after_ms: 9000 }] }`;

/** What of a scenario was not met by an agent with these settings. */
async function unmet(lines: readonly string[], change: Partial<TurnSettings> = {}): Promise<Verdict[]> {
  const { scenario } = parseScenario(['name: test', agent, ...lines].join('\n'), 'test.yaml');
  const call = await virtualCall(scenario, { settings: { ...defaultTurnSettings, ...change } });
  expect(call.broken).toEqual([]);
  return judge(scenario, call, 'virtual').verdicts.filter(({ met }) => met === false);
}

const overMenu = (step: readonly string[]): string[] => ['steps:', '  - say: what is on the menu', ...step];

describe('an agent that does not do what a scenario expects is found out', () => {
  it('when it does not stop for the caller', async () => {
    const steps = overMenu([
      '  - say: stop it now please',
      '    send_after: { event: agent_starts, delay_ms: 1000 }',
      '    expect: [{ agent_stops_within_ms: 1000 }]',
    ]);
    expect(await unmet(steps)).toEqual([]);
    const [verdict] = await unmet(steps, { interruption: { ...defaultTurnSettings.interruption, enabled: false } });
    expect(verdict).toMatchObject({ step: 1, expected: 'the agent stops within 1000 ms' });
    expect(verdict?.seen).toContain('went on to the end of its reply');
  });

  it('when it stops for a backchannel', async () => {
    const steps = overMenu([
      '  - backchannels: { say: [right], every_ms: 2000, most: 1 }',
      '    expect: [{ agent_keeps_talking: true }]',
      'expect: [{ false_stops: 0 }]',
    ]);
    expect(await unmet(steps)).toEqual([]);
    const found = await unmet(steps, {
      interruption: { ...defaultTurnSettings.interruption, backchannelMs: 0, wordsAfterMs: 0, afterMs: 0 },
    });
    expect(found.map(({ step }) => step)).toEqual([1, undefined]);
    expect(found[0]?.seen).toContain('it stopped after');
  });

  it('when it cuts the caller off in a pause', async () => {
    const steps = [
      'steps:',
      '  - say: I would like a coffee',
      '    pauses: { after_words: [2], ms: 1000 }',
      '    expect: [{ not_cut_off: true }]',
      'expect: [{ cut_offs: 0 }]',
    ];
    expect(await unmet(steps)).toEqual([]);
    const { endpointing } = defaultTurnSettings;
    const found = await unmet(steps, {
      endpointing: { ...endpointing, minWaitMs: 200, maxWaitMs: 300, patientWaitMs: 200, blindWaitMs: 200 },
    });
    expect(found.map(({ step }) => step)).toEqual([0, undefined]);
    expect(found[0]?.seen).toContain('before the end of the turn');
  });

  it('when it answers too late, says something else, or nothing', async () => {
    const steps = [
      'steps:',
      '  - say: this is slow',
      '    expect:',
      '      - { event: agent_starts, within_ms: 400 }',
      '      - { event: agent_starts, text_contains: here it was }',
      '      - { event: agent_starts, absent: true, within_ms: 4000 }',
      '      - { event: heard, text_contains: [slow, fast] }',
    ];
    expect((await unmet(steps)).map(({ expected }) => expected)).toEqual([
      'the agent answers within 400 ms',
      'the agent answers, with "here it was"',
      'never: the agent answers within 4000 ms',
      'the agent understands, with "slow" and "fast"',
    ]);
    const silent = [
      'steps: [{ say: hello, expect: [{ event: agent_starts }] }, { say: hello again }]',
      'expect: [{ missed: 1 }]',
    ];
    expect((await unmet(silent, { respond: false })).map(({ expected, seen }) => `${expected}: ${seen}`)).toEqual([
      'the agent answers: the agent did not answer',
      'turns without an answer: at most 1: 2',
    ]);
  });

  it('when a step cannot come about, or is not reached', async () => {
    const steps = [
      'steps:',
      '  - say: hello',
      '  - say: stop',
      '    send_after: { event: agent_word, word: ninety }',
      '    expect: [{ agent_stops_within_ms: 500 }]',
      'expect: [{ stuck: 0 }]',
    ];
    expect((await unmet(steps)).map(({ seen }) => seen)).toEqual([
      'this did not come about: agent_word did not come',
      '1 (step 2: agent_word did not come)',
    ]);
  });

  it('when it hangs up', async () => {
    const steps = [
      'steps:',
      '  - say: hello',
      '  - silence: 20000',
      '    expect: [{ event: call_ends, absent: true, within_ms: 20000 }]',
      '  - say: still there',
      '    expect: [{ event: agent_starts }]',
    ];
    const found = await unmet(steps, {
      silence: { ...defaultTurnSettings.silence, idleHangUpMs: 5_000 },
      talk: { ...defaultTalkSettings, prompts: { ...defaultTalkSettings.prompts, most: 0 } },
    });
    expect(found.map(({ step }) => step)).toEqual([1, 2]);
    expect(found[1]?.seen).toBe('the call was over before this step');
  });
});
