import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatCommand } from '../src/cli/chat.js';
import { tellCall } from '../src/conversation/explain/call-story.js';
import { narrate } from '../src/conversation/explain/narrate.js';
import { parseEventLog } from '../src/conversation/read-event-log.js';
import { answersChats, sentChat } from '../src/engines/openai/chat-service-fixture.js';
import { ScriptedService } from '../src/engines/remote/scripted-service-fixture.js';
import { type ScriptedNode, startScriptedNode } from './support/scripted-node.js';

const apiKey = 'the-key-of-the-server';
const instructions = 'You are Sam, who mends bicycles at Corner Bikes.';
let service: ScriptedService;
let node: ScriptedNode;

beforeAll(async () => {
  service = await ScriptedService.open();
  answersChats(service, () => 'We do.');
  node = await startScriptedNode({
    apiKey,
    files: { 'sam.md': `${instructions}\n` },
    config: `
providers:
  far:
    kind: openai
    url: ${service.url}
    models: { thinker: { task: chat } }
agent:
  name: Sam at Corner Bikes
  instructions_file: sam.md
  greeting: Once there lived nine quiet foxes.
  examples:
    - { caller: Is it open on Sunday?, agent: From nine to four. }
  llm: far/thinker
`,
  });
});
afterAll(async () => {
  await node?.close();
  await service?.close();
});

async function chat(lines: string, ...args: string[]): Promise<string> {
  let out = '';
  await chatCommand({
    env: { PARLEY_API_KEY: apiKey },
    stdin: Readable.from([Buffer.from(lines)]),
    stdout: { write: (text) => (out += text) },
    stderr: { write: () => true },
  })
    .exitOverride()
    .parseAsync(['--url', `${node.url.replace('http', 'ws')}/v1/realtime`, ...args], { from: 'user' });
  return out;
}

const lastPrompt = () =>
  service.requests
    .map(sentChat)
    .at(-1)
    ?.messages.map(({ role, content }) => `${role}: ${content}`) ?? [];

describe('an agent that parley.yaml describes', () => {
  it('answers whoever brings no instructions of their own, with its greeting, prompt and examples', async () => {
    expect(await chat('Do you sell bells?\n')).toBe('Once there lived nine quiet foxes.\nWe do.\n');
    const prompt = lastPrompt();
    expect(prompt[0]).toContain(instructions);
    expect(prompt.slice(1, 3)).toEqual(['user: Is it open on Sunday?', 'assistant: From nine to four.']);
    expect(prompt.at(-1)).toContain('Do you sell bells?');
    expect(prompt.join('\n')).not.toMatch(/coffee/i);
  });

  it('is explained with what was written to it', async () => {
    const calls = join(node.dataDir, 'calls');
    const before = await readdir(calls).catch((): string[] => []);
    await chat('Do you sell bells?\nAnd pumps?\n');
    const call = (await readdir(calls)).find((name) => !before.includes(name));
    // The file is whole when the server has ended the call, which is after the client has.
    const story = async () =>
      narrate(tellCall(parseEventLog(await readFile(join(calls, call ?? '', 'events.jsonl'), 'utf8'))));
    await expect.poll(() => story().catch(() => ''), { timeout: 10_000 }).not.toBe('');
    expect(await story()).toMatch(
      /From here on replies are written.*The caller wrote: “Do you sell bells\?”.*Reply 1 said: “We do\.”.*The caller wrote: “And pumps\?”.*Reply 2 said/s,
    );
  });

  it('is shown to clients of the realtime API', async () => {
    const response = await fetch(`${node.url}/v1/realtime/client_secrets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: '{}',
    });
    const { session } = (await response.json()) as { readonly session: unknown };
    expect(session).toMatchObject({ instructions, parley: { greeting: 'Once there lived nine quiet foxes.' } });
  });
});
