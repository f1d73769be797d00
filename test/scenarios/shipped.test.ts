import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/testing/scenarios/judge.js';
import { readScenario } from '../../src/testing/scenarios/read-scenario.js';
import { virtualCall } from '../../src/testing/scenarios/virtual-call.js';

const folder = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

describe('the scenarios that are shipped, in virtual time', () => {
  it('are those of the field', () => {
    expect(files.map((file) => file.replace('.yaml', '')).sort()).toEqual(
      [
        'background',
        'backchannel',
        'disfluent',
        'dtmf',
        'echo',
        'interrupt',
        'long',
        'non_directed',
        'pause',
        'silence',
        'smooth',
        'telephony',
        'tic',
        'tool_slow',
      ].sort(),
    );
  });

  it.each(files)('%s: every expectation is met, and what holds for every call holds', async (file) => {
    const { scenario } = await readScenario(`${folder}${file}`);
    const call = await virtualCall(scenario);
    const { verdicts } = judge(scenario, call, 'virtual');
    expect(verdicts.filter(({ met }) => met === false)).toEqual([]);
    expect(verdicts.filter(({ met }) => met === true).length).toBeGreaterThan(2);
    expect(call.broken).toEqual([]);
  });

  it.each(['pause.yaml', 'telephony.yaml', 'interrupt.yaml'])(
    '%s: the same seed gives the same call to the bit, another seed another one',
    async (file) => {
      const { scenario } = await readScenario(`${folder}${file}`);
      const first = await virtualCall(scenario, { seed: 7 });
      const again = await virtualCall(scenario, { seed: 7 });
      expect(again.log).toEqual(first.log);
      expect(again.caller).toEqual(first.caller);
      expect(again.agent).toEqual(first.agent);
      if (file === 'interrupt.yaml') return;
      const other = await virtualCall(scenario, { seed: 8 });
      expect(other.log).not.toEqual(first.log);
    },
  );
});
