import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { analyseCall } from '../analyser/analyse-call.js';
import { readWav, writeWav } from '../audio/wav.js';
import { systemClock } from '../observability/system-clock.js';
import {
  createScriptedServer,
  defaultScript,
  type ScriptedServer,
  type ServerScript,
} from './call/scripted-server-fixture.js';
import { syntheticClip } from './call/virtual-call-fixture.js';
import { callCommand } from './call.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-call-'));
  const clip = await syntheticClip('order.wav', { startMs: 100, endMs: 500, lengthMs: 1_500 });
  await writeFile(at('order.wav'), writeWav([clip.samples], 24_000));
  await writeFile(at('turns.json'), '{"order.wav":{"startMs":100,"endMs":500}}');
  await writeFile(at('late.json'), '{"order.wav":{"startMs":100,"endMs":9500}}');
  await writeFile(at('list.json'), '[{"startMs":100,"endMs":500}]');
  await writeFile(at('prompt.txt'), 'You sell coffee.\n');
  await writeFile(at('empty.txt'), ' \n');
  await writeFile(at('noise.wav'), 'RIFFnoise');
  await writeFile(at('none.wav'), writeWav([new Float32Array(0)], 16_000));
});
afterAll(() => rm(folder, { recursive: true }));

type Scripted = { readonly url: string; readonly calls: ScriptedServer[]; readonly keys: (string | undefined)[] };

/** A ready server on loopback that answers calls by the script, in real time. */
async function serve(script: Partial<ServerScript> = {}, refusal?: string): Promise<Scripted> {
  const calls: ScriptedServer[] = [];
  const keys: (string | undefined)[] = [];
  const http = createServer((_, response) => response.end('{"status":"ready"}'));
  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    keys.push(request.headers.authorization);
    if (refusal !== undefined) {
      socket.end(
        `HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: ${refusal.length}\r\n\r\n${refusal}`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const send = (text: string) => client.readyState === client.OPEN && client.send(text);
      const server = createScriptedServer({ ...defaultScript, ...script }, systemClock, send, () => client.terminate());
      calls.push(server);
      client.on('message', (data) => server.receive(String(data)));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const client of sockets.clients) client.terminate();
    return new Promise((resolve) => http.close(resolve));
  });
  return { url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/v1/realtime?model=parley`, calls, keys };
}

async function run(...args: string[]): Promise<{ out: string; err: string; exitCode: number }> {
  let out = '';
  let err = '';
  let exitCode = 0;
  const command = callCommand({
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    setExitCode: (code) => {
      exitCode = code;
    },
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
    env: { PARLEY_API_KEY: 'key of the server', PARLEY_HOST: '0.0.0.0', PARLEY_PORT: '9123' },
    server: { command: [process.execPath, '-e', 'process.exit(1)'] },
  }).configureOutput({ writeErr: (text) => (err += text), writeOut: (text) => (out += text) });
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    const code = /^exit (\d)$/.exec(error instanceof Error ? error.message : '')?.[1];
    if (code === undefined) throw error;
    exitCode = Number(code);
  }
  return { out, err, exitCode };
}

describe('parley call', () => {
  it('prints the dialogue with its waterfall, records the call, and closes', async () => {
    const { url, calls } = await serve();
    const out = at('recorded/here');
    const made = await run(
      at('order.wav'),
      '--url',
      url,
      '--out',
      out,
      '--turns',
      at('turns.json'),
      '--prompt',
      at('prompt.txt'),
      '--greeting',
      'Good morning.',
    );
    expect(made.exitCode).toBe(0);
    expect(made.out).toMatch(/agent: {2}Hello\.\ncaller: words of turn 1\n/);
    expect(made.out).toMatch(/turn 1: first sound after \d+ ms\n +silence seen +│/);
    expect(made.out).toMatch(/why it waited: the caller may go on/);
    expect(made.out).toMatch(/response latency over 1 turn: P50 \d+ ms, max \d+ ms/);
    expect(calls[0]?.received[0]).toMatchObject({
      session: { instructions: 'You sell coffee.', parley: { greeting: 'Good morning.' } },
    });

    const recording = readWav(await readFile(join(out, 'call.wav')));
    const document = JSON.parse(await readFile(join(out, 'call.json'), 'utf8'));
    expect(recording.channels).toHaveLength(2);
    expect(recording.rateHz).toBe(24_000);
    expect(made.out).toMatch(/why it went so: parley explain call_1\n/);
    expect(document).toMatchObject({ ended: 'completed', callId: 'call_1', callerTurns: [{ file: 'order.wav' }] });
    const { turns } = analyseCall(recording, {
      callerTurns: document.callerTurns.map(({ startMs, endMs }: { startMs: number; endMs: number }) => ({
        startMs,
        endMs,
      })),
    });
    // Both figures are of the same recording, so a busy machine cannot part them.
    expect(Math.abs((turns[0]?.responseLatencyMs ?? 0) - document.turns[0].responseLatencyMs)).toBeLessThanOrEqual(10);
  });

  it('prints one JSON document and nothing else with --json', async () => {
    const { url } = await serve();
    const { out, err, exitCode } = await run(at('order.wav'), '--url', url, '--json', '--no-greeting');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      schema: 'parley.call/1',
      ended: 'completed',
      turns: [{ outcome: 'answered' }],
    });
    expect(err).toMatch(/caller: words of turn 1/);
    expect(existsSync(join(folder, 'call.wav'))).toBe(false);
  });

  it('keeps what was recorded when the server goes away within a reply, with a message and exit code 1', async () => {
    const { url } = await serve({ hangUpInTurn: 1, greetingMs: 0 });
    const out = at('broken');
    const { err, exitCode } = await run(at('order.wav'), '--url', url, '--no-greeting', '--out', out);
    expect(exitCode).toBe(1);
    expect(err).toMatch(/parley call: The call broke off\. .*was lost/);
    const document = JSON.parse(await readFile(join(out, 'call.json'), 'utf8'));
    expect(document).toMatchObject({ ended: 'failed', failure: { code: 'call.lost' } });
    expect(readWav(await readFile(join(out, 'call.wav'))).channels[0]?.length).toBeGreaterThan(24_000 / 2);
  });

  it('passes on why a server is full', async () => {
    const { url, keys } = await serve({}, '{"error":{"message":"Two calls are running."}}');
    const { out, err, exitCode } = await run(at('order.wav'), '--url', url, '--json');
    expect(exitCode).toBe(1);
    expect(err).toMatch(/HTTP 503: Two calls are running\. .*try again in 7 s/);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'client.refused' } });
    expect(keys).toEqual(['Bearer key of the server']);
  });

  it.each([
    ['a file that is not there', ['gone.wav'], /gone\.wav cannot be read/],
    ['a folder', ['.'], /cannot be read/],
    ['a file that is not audio', ['prompt.txt'], /prompt\.txt: Unknown audio format/],
    ['a damaged recording', ['noise.wav'], /noise\.wav: /],
    ['a recording without samples', ['none.wav'], /none\.wav: /],
    ['turns of another shape', ['order.wav', '--turns', 'list.json'], /list\.json does not hold the turns/],
    ['turns that are not JSON', ['order.wav', '--turns', 'prompt.txt'], /is not JSON/],
    [
      'turns behind the end of the file',
      ['order.wav', '--turns', 'late.json'],
      /from 100 to 9500 ms, but it lasts 1500 ms/,
    ],
    ['an empty prompt', ['order.wav', '--prompt', 'empty.txt'], /empty\.txt is empty/],
    ['a folder that is a file', ['order.wav', '--out', 'order.wav'], /cannot be written to/],
  ])('refuses %s with a message and exit code 1, before it calls anyone', async (_, args, expected) => {
    const { err, exitCode } = await run(...args.map((arg) => (arg.startsWith('--') ? arg : at(arg))));
    expect(err).toMatch(expected);
    expect(exitCode).toBe(1);
  });

  it.each([
    ['no file', []],
    ['an option that does not exist', ['a.wav', '--loud']],
    ['a barge-in that is no time', ['a.wav', '--barge-in', 'soon']],
    ['a barge-in before the answer', ['a.wav', '--barge-in', '-5']],
  ])('answers wrong usage with exit code 2: %s', async (_, args) => {
    const { err, out, exitCode } = await run(...args);
    expect(exitCode).toBe(2);
    expect(err).toMatch(/error: /);
    expect(out).toBe('');
  });

  it('prints its help with exit code 0', async () => {
    const { out, exitCode } = await run('--help');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/--barge-in <ms>/);
    expect(out).toMatch(/ws:\/\/127\.0\.0\.1:9123\/v1\/realtime/);
  });
});
