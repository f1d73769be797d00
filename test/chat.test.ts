import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatCommand } from '../src/cli/chat.js';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.js';

const apiKey = 'a-key-for-tests';
let agent: ScriptedAgent;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-chat-'));
  agent = await startScriptedAgent({
    apiKey,
    reply: (said) => `You wrote: ${said}`,
  });
});
afterAll(async () => {
  await agent.close();
  await rm(folder, { recursive: true });
});

type Chat = { readonly done: Promise<unknown>; readonly out: () => string; readonly err: () => string };

function chat(stdin: Readable & { isTTY?: boolean }, ...args: string[]): Chat {
  let out = '';
  let err = '';
  const command = chatCommand({
    env: { PARLEY_API_KEY: apiKey },
    stdin,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  });
  const url = `${agent.url.replace('https', 'wss')}/v1/realtime?model=parley`;
  const done = command.exitOverride().parseAsync(['--url', url, '--ca', agent.trustFile, ...args], { from: 'user' });
  return { done, out: () => out, err: () => err };
}

function piped(text: string): Readable {
  return Readable.from([Buffer.from(text)]);
}

describe('parley chat', () => {
  it('answers each piped line as a turn, after the greeting, and passes over empty lines', async () => {
    const asked = agent.asked.length;
    const { done, out } = chat(piped('one coffee\r\n\n   \nand a tea'));
    await done;
    expect(out()).toBe('Welcome.\nYou wrote: one coffee\nYou wrote: and a tea\n');
    expect(agent.asked.length - asked).toBe(2);
    expect(agent.asked.at(-1)?.map(({ role, text }) => `${role}: ${text}`)).toEqual(
      expect.arrayContaining(['user: one coffee', 'assistant: You wrote: one coffee', 'user: and a tea']),
    );
  });

  it('lets the caller begin with --no-greeting, and takes a greeting and a prompt', async () => {
    const silent = chat(piped('hello\n'), '--no-greeting');
    await silent.done;
    expect(silent.out()).toBe('You wrote: hello\n');
    const prompt = join(folder, 'prompt.txt');
    await writeFile(prompt, 'You sell flowers.\n');
    const own = chat(piped('hello\n'), '--prompt', prompt, '--greeting', 'Flowers here.');
    await own.done;
    expect(own.out()).toBe('Flowers here.\nYou wrote: hello\n');
  });

  it('gives nothing to the voice', async () => {
    const spoken = agent.spoken.length;
    await chat(piped('hello\n'), '--greeting', 'Welcome.').done;
    expect(agent.spoken.length).toBe(spoken);
  });

  it('shows a prompt on a terminal, keeps what was typed ahead, and ends at Ctrl-D', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    terminal.write('typed ahead\n');
    const { done, out, err } = chat(terminal, '--timing');
    while (!out().includes('typed ahead\n> ')) await sleep(10);
    terminal.end();
    await done;
    expect(out()).toBe('Welcome.\n> You wrote: typed ahead\n> \n');
    expect(err()).toMatch(/^Write to the agent, .*\n\(first words after \d+ ms\)\n$/);
  });

  it('refuses a line that no turn can hold, without keeping all of it', async () => {
    const endless = new Readable({ read: () => endless.push(Buffer.alloc(10_000, 'a')) });
    await expect(chat(endless, '--no-greeting').done).rejects.toThrow(/A line has \d{5} bytes or more; one turn/);
    expect(endless.destroyed).toBe(true);
  });

  it('says so and goes on when a line typed on a terminal is too long', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    const { done, out, err } = chat(terminal, '--no-greeting');
    terminal.end(`${'a'.repeat(20_000)}\nhello\n`);
    await done;
    expect(err()).toContain('A line has 20000 bytes');
    expect(out()).toBe('> > You wrote: hello\n> \n');
  });

  it('ends with the reason when the server refuses the session, and when it ends it', async () => {
    const terminals = [1, 2].map(() => Object.assign(new PassThrough(), { isTTY: true }));
    const open = terminals.map((terminal) => chat(terminal, '--no-greeting'));
    for (const { out } of open) while (!out().includes('> ')) await sleep(10);
    await expect(chat(piped('hello\n')).done).rejects.toThrow(/all are taken/);
    for (const terminal of terminals) terminal.end();
    await Promise.all(open.map(({ done }) => done));

    const waiting = chat(Object.assign(new PassThrough(), { isTTY: true }), '--no-greeting');
    while (!waiting.out().includes('> ')) await sleep(10);
    const ended = expect(waiting.done).rejects.toThrow(/closed|ended|shut/i);
    await agent.close();
    await ended;
    agent = await startScriptedAgent({ apiKey, reply: (said) => `You wrote: ${said}` });
  });
});
