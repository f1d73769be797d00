import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/testing/scenarios/judge.js';
import { parseScenario } from '../../src/testing/scenarios/read-scenario.js';
import {
  actionKeys,
  callExpectationKeys,
  noiseKinds,
  scenarioSchema,
  soundKinds,
  stepExpectationKeys,
  triggerEvents,
} from '../../src/testing/scenarios/scenario-schema.js';
import { virtualCall } from '../../src/testing/scenarios/virtual-call.js';

const guide = readFileSync(fileURLToPath(new URL('../../docs/scenarios.md', import.meta.url)), 'utf8');
const examples = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text ?? '');

describe('the guide to scenarios', () => {
  it('has examples that can be played as they stand, and are met', async () => {
    expect(examples).toHaveLength(2);
    for (const example of examples) {
      const { scenario } = parseScenario(example, 'docs/scenarios.md');
      const call = await virtualCall(scenario);
      expect(judge(scenario, call, 'virtual').verdicts.filter(({ met }) => met === false)).toEqual([]);
    }
  });

  it('names everything that a scenario can say', () => {
    const names = [
      ...Object.keys(scenarioSchema.shape).filter((key) => !['about', 'seed'].includes(key)),
      ...actionKeys,
      ...stepExpectationKeys,
      ...callExpectationKeys,
      ...triggerEvents,
      ...soundKinds,
      ...noiseKinds,
      ...Object.keys(scenarioSchema.shape.conditions.unwrap().shape),
    ];
    for (const name of names) expect(guide, name).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it('uses what the package exports', async () => {
    const exported: Readonly<Record<string, unknown>> = await import('../../src/testing/index.js');
    const [, names = ''] = /import \{ (.+) \} from 'parley\/testing'/.exec(guide) ?? [];
    expect(names.split(', ')).toHaveLength(3);
    for (const name of names.split(', ')) expect(exported[name], name).toBeTypeOf('function');
    const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      exports: Record<string, { default: string; types: string }>;
    };
    expect(exports['./testing']).toEqual({ types: './dist/testing/index.d.ts', default: './dist/testing/index.js' });
  });
});
