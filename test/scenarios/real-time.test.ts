import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../../src/audio/wav.js';
import { keepCall } from '../../src/cli/simulate/keep-call.js';
import { prepareCaller, type RealTimeCall, realTimeCall } from '../../src/cli/simulate/real-time-call.js';
import { nodeSockets } from '../../src/client/node-socket.js';
import { judge } from '../../src/testing/scenarios/judge.js';
import { parseScenario } from '../../src/testing/scenarios/read-scenario.js';
import { toneCaller } from '../../src/testing/scenarios/tone-caller.js';
import type { Verdict } from '../../src/testing/scenarios/verdict.js';
import { type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.js';

const apiKey = 'the-key-of-the-server';
const story = 'Once there lived nine quiet foxes beyond seven tall green hills near our old mill by the sea.';

let server: ScriptedAgent;
beforeAll(async () => {
  server = await startScriptedAgent({
    apiKey,
    reply: (said) => (said.includes('story') ? story : `You said ${said}.`),
  });
});
afterAll(() => server?.close());

/** A caller in tones, which the server's scripted ears understand, in real time over its socket. */
async function play(lines: readonly string[]): Promise<{ call: RealTimeCall; verdicts: readonly Verdict[] }> {
  const { scenario } = parseScenario(lines.join('\n'), 'test.yaml');
  const source = { ...toneCaller(server.callerVocabulary), readRecordings: async () => [] };
  const prepared = await prepareCaller({ scenario, source, seed: 1 });
  const pem = readFileSync(server.trustFile, 'utf8');
  const call = await realTimeCall(prepared, {
    scenario,
    seed: 1,
    source,
    url: `${server.url.replace('https', 'wss')}/v1/realtime?model=parley`,
    openSocket: nodeSockets(apiKey, () => [pem]),
    signal: AbortSignal.timeout(60_000),
  });
  return { call, verdicts: judge(scenario, call, 'real_time').verdicts };
}

const unmet = (verdicts: readonly Verdict[]): readonly Verdict[] => verdicts.filter(({ met }) => met === false);

// The server carries two calls.
describe.concurrent('a scenario in real time', () => {
  it('is played to a server as any client would, and judged from the recording', { timeout: 60_000 }, async () => {
    const { call, verdicts } = await play([
      'name: interrupt',
      'steps:',
      '  - say: tell me a story',
      '    expect:',
      '      - { event: agent_starts, within_ms: 4000 }',
      '      - { event: heard, text_contains: a story }',
      '      - not_cut_off: true',
      '  - say: no stop it now',
      '    send_after: { event: agent_starts, delay_ms: 1000 }',
      '    expect:',
      '      - agent_stops_within_ms: 2000',
      '      - { event: agent_starts, text_contains: you said no stop it now }',
      '  - say: that is all',
      '    expect:',
      '      - { event: agent_starts, text_contains: [that is, all] }',
      '      - { event: agent_starts, text_contains: never said }',
      'expect:',
      '  - missed: 0',
      '  - stuck: 0',
      '  - overlaps: 0',
      '  - false_stops: 0',
    ]);
    expect(unmet(verdicts)).toEqual([
      expect.objectContaining({ step: 2, expected: expect.stringContaining('never said') }),
    ]);
    expect(verdicts.filter(({ met }) => met)).toHaveLength(10);
    expect(call.caller).toHaveLength(call.agent.length);
    expect(call.lines.map(({ role }) => role)).toEqual(['turn', 'turn', 'turn']);

    const folder = await mkdtemp(join(tmpdir(), 'parley-kept-'));
    try {
      await keepCall(join(folder, 'one'), call, verdicts, undefined);
      expect((await readdir(join(folder, 'one'))).sort()).toEqual(['call.json', 'call.wav']);
      const kept = readWav(await readFile(join(folder, 'one', 'call.wav')));
      expect(kept.channels[1]).toHaveLength(call.agent.length);
      const document = JSON.parse(await readFile(join(folder, 'one', 'call.json'), 'utf8')) as {
        callerTurns: unknown[];
      };
      expect(document.callerTurns).toHaveLength(3);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('loses frames on its way as the scenario says, and is understood all the same', { timeout: 60_000 }, async () => {
    const { verdicts } = await play([
      'name: network',
      'conditions: { network: { loss: 0.02, jitter_ms: 20 } }',
      'steps:',
      '  - say: a large coffee',
      '    expect:',
      '      - { event: agent_starts, within_ms: 4000 }',
      'expect:',
      '  - missed: 0',
    ]);
    expect(unmet(verdicts)).toEqual([]);
  });
});
