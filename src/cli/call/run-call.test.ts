import { describe, expect, it } from 'vitest';
import { analyseCall } from '../../analyser/analyse-call.js';
import type { CallResult, CallUpdate } from './call-result.js';
import type { CallerClip } from './clip.js';
import { type CallOptions, runCall } from './run-call.js';
import { defaultScript, type ScriptedServer, type ServerScript } from './scripted-server-fixture.js';
import { createVirtualClock, openScriptedSocket, syntheticClip } from './virtual-call-fixture.js';

type Made = { readonly result: CallResult; readonly server: ScriptedServer; readonly updates: CallUpdate[] };

/** Makes a call in virtual time: hundreds of times faster than real time, and the same each time. */
async function makeCall(
  clips: readonly CallerClip[],
  script: Partial<ServerScript> = {},
  options: Partial<CallOptions> = {},
  delayMs = 0,
): Promise<Made> {
  const clock = createVirtualClock();
  const updates: CallUpdate[] = [];
  let server: ScriptedServer | undefined;
  let result: CallResult | undefined;
  const running = runCall({
    url: 'ws://scripted',
    openSocket: () =>
      openScriptedSocket(
        { ...defaultScript, ...script },
        clock,
        (made) => {
          server = made;
        },
        delayMs,
      ),
    clips,
    clock,
    onUpdate: (update) => updates.push(update),
    ...options,
  });
  let settled = false;
  const watched = running.then(
    (made) => {
      result = made;
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  for (let i = 0; i < 10_000 && !settled; i++) await clock.advance(10);
  if (settled) await watched.then(() => running);
  if (!result || !server) throw new Error('the call did not end');
  return { result, server, updates };
}

function rms(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length));
}

const orders = () =>
  Promise.all([
    syntheticClip('one.wav', { startMs: 300, endMs: 1_200, lengthMs: 4_000 }),
    syntheticClip('two.wav', { startMs: 200, endMs: 900, lengthMs: 4_000 }),
  ]);

describe('a call', () => {
  it('hears the greeting out, then speaks and waits for each answer', async () => {
    const { result, updates } = await makeCall(await orders());
    expect(result.ended).toBe('completed');
    expect(result.turns.map(({ outcome }) => outcome)).toEqual(['answered', 'answered']);
    // The greeting of 400 ms, plus the 400 ms of silence that follow it.
    expect(result.turns[0]?.fileStartMs).toBeGreaterThanOrEqual(800);
    expect(result.dialogue.map(({ who, text }) => `${who}: ${text}`)).toEqual([
      'agent: Hello.',
      'caller: words of turn 1',
      'agent: answer 1',
      'caller: words of turn 2',
      'agent: answer 2',
    ]);
    expect(result.turns[1]).toMatchObject({ transcript: 'words of turn 2', reply: 'answer 2', cutOff: false });
    expect(result.turns[1]?.marks).toMatchObject([{ turn: 2, drafts: 1 }]);
    expect(updates.filter(({ type }) => type === 'turn')).toHaveLength(2);
  });

  it('measures the response latency that the server has, plus the frames of microphone and loudspeaker', async () => {
    const { result } = await makeCall(await orders());
    for (const turn of result.turns) {
      const known = defaultScript.endpointMs + defaultScript.answerDelayMs;
      expect(turn.responseLatencyMs).toBeGreaterThanOrEqual(known);
      expect(turn.responseLatencyMs).toBeLessThanOrEqual(known + 60);
    }
  });

  it('records what the analyser measures alike, from the audio alone', async () => {
    const { result } = await makeCall(await orders());
    const analysis = analyseCall(
      { channels: [result.caller, result.agent], rateHz: result.rateHz },
      { callerTurns: result.turns.map(({ startMs, endMs }) => ({ startMs, endMs })) },
    );
    expect(analysis.turns).toHaveLength(2);
    analysis.turns.forEach((measured, index) => {
      const own = result.turns[index]?.responseLatencyMs ?? 0;
      expect(Math.abs((measured.responseLatencyMs ?? 0) - own)).toBeLessThanOrEqual(10);
    });
  });

  it('sends every 20 ms exactly one frame, and room tone where there is no file', async () => {
    const { result, server } = await makeCall(await orders());
    expect([...server.appendSizes]).toEqual([480]);
    expect(Math.abs(server.appendedSamples - result.caller.length)).toBeLessThanOrEqual(480);
    for (let at = 0; at + 480 <= result.caller.length; at += 480) {
      expect(rms(result.caller.subarray(at, at + 480))).toBeGreaterThan(1e-4);
    }
  });

  it('cuts the rest of a file once the agent speaks, never the speech', async () => {
    const { result } = await makeCall(await orders());
    const [first] = result.turns;
    expect(first?.cutMs).toBeGreaterThanOrEqual((first?.agentOnsetMs ?? 0) + 200);
    expect(first?.cutMs).toBeGreaterThan(first?.endMs ?? 0);
    expect(first?.cutMs).toBeLessThan((first?.fileStartMs ?? 0) + 4_000);
  });

  it('speaks first when there is no greeting', async () => {
    const { result, server } = await makeCall(await orders(), {}, { greeting: false });
    expect(result.turns[0]?.fileStartMs).toBe(300);
    expect(server.received[0]).toMatchObject({ session: { parley: { greeting: false, turn_metrics: true } } });
  });

  it('goes on after a turn without an answer and says so', async () => {
    const { result } = await makeCall(await orders(), { mute: [1] });
    expect(result.turns.map(({ outcome, responseLatencyMs }) => [outcome, responseLatencyMs === null])).toEqual([
      ['missed', true],
      ['answered', false],
    ]);
  });

  it('does not wait for ever for an answer to end', async () => {
    const { result } = await makeCall(await orders(), { answerMs: 60_000, yields: false });
    expect(result.ended).toBe('completed');
    expect(result.turns.map(({ outcome }) => outcome)).toEqual(['unfinished', 'unfinished']);
  });

  it('interrupts the agent when asked to, stops playing at once and reports what was heard', async () => {
    const { result, server } = await makeCall(await orders(), { answerMs: 3_000 }, { bargeInMs: 500 });
    const [first, second] = result.turns;
    expect(first?.outcome).toBe('interrupted');
    expect((second?.fileStartMs ?? 0) - (first?.agentOnsetMs ?? 0)).toBe(500);
    const truncate = server.received.filter(({ type }) => type === 'conversation.item.truncate');
    expect(truncate).toHaveLength(1);
    expect(truncate[0]).toMatchObject({ item_id: 'item_a2', content_index: 0 });
    // Heard until the speech of the second file (200 ms in) reached the server.
    expect(truncate[0]?.audio_end_ms).toBeGreaterThanOrEqual(700);
    expect(truncate[0]?.audio_end_ms).toBeLessThanOrEqual(780);
    expect(result.dialogue.find(({ text }) => text === 'answer 1')?.interrupted).toBe(true);
    expect(second).toMatchObject({ outcome: 'answered', reply: 'answer 2' });
  });

  it('counts the way of the answer to the caller', async () => {
    const near = await makeCall(await orders());
    const far = await makeCall(await orders(), {}, {}, 100);
    const latency = ({ result }: Made) => result.turns[0]?.responseLatencyMs ?? 0;
    expect(latency(far) - latency(near)).toBe(100);
  });

  it('keeps what was recorded when it is stopped', async () => {
    const controller = new AbortController();
    const { result } = await makeCall(
      await orders(),
      {},
      {
        signal: controller.signal,
        onUpdate: (update) => update.type === 'turn' && controller.abort(),
      },
    );
    expect(result.ended).toBe('aborted');
    expect(result.failure).toBeNull();
    expect(result.turns[0]?.outcome).toBe('answered');
    expect(result.caller.length).toBe(result.agent.length);
    expect(rms(result.agent)).toBeGreaterThan(0);
  });
});

describe('a server that misbehaves', () => {
  it('may send events and fields of which the client knows nothing', async () => {
    const { result } = await makeCall(await orders(), {
      inject: [
        '{"type":"rate_limits.updated","rate_limits":[]}',
        '{"type":"constructor"}',
        '{"type":"x","response":1}',
      ],
    });
    expect(result.ended).toBe('completed');
  });

  it.each([
    ['text that is not JSON', '{"type":"respo', /not JSON/],
    ['JSON that is not an event', '[1,2]', /not an event/],
    ['null', 'null', /not an event/],
    [
      'audio without its text',
      '{"type":"response.output_audio.delta","response_id":"r","item_id":"i"}',
      /without delta/,
    ],
    [
      'audio that is not base64',
      '{"type":"response.output_audio.delta","response_id":"r","item_id":"i","delta":"%%%"}',
      /not base64/,
    ],
    ['a response without an id', '{"type":"response.done","response":{}}', /without response\.id/],
  ])('that sends %s ends the call with a message and the recording so far', async (_, message, expected) => {
    const { result } = await makeCall(await orders(), { inject: [message], greetingMs: 0 });
    expect(result.ended).toBe('failed');
    expect(result.failure?.message).toMatch(expected);
    expect(result.caller.length).toBeGreaterThan(24_000);
  });

  it('that hangs up within a reply ends the call with a message and the recording so far', async () => {
    const { result } = await makeCall(await orders(), { hangUpInTurn: 2 });
    expect(result.ended).toBe('failed');
    expect(result.failure?.message).toMatch(/broke off.*closed by the server with code 1011/);
    expect(result.turns.map(({ outcome }) => outcome)).toEqual(['answered', 'open']);
  });

  it('that complains and goes on has its complaint passed on', async () => {
    const { result } = await makeCall(await orders(), { inject: ['{"type":"error","error":{"message":"odd"}}'] });
    expect(result.ended).toBe('completed');
    expect(result.serverErrors).toContain('odd');
  });

  it('that refuses the settings ends it before it begins', async () => {
    await expect(
      makeCall(
        await orders(),
        {},
        {
          openSocket: () => {
            const clock = createVirtualClock();
            const socket = openScriptedSocket(defaultScript, clock, () => {});
            const add = socket.addEventListener.bind(socket) as (
              type: string,
              listener: (event: never) => void,
            ) => void;
            let deliver: (event: { data: string }) => void = () => {};
            return {
              ...socket,
              send: () => deliver({ data: '{"type":"error","error":{"message":"no such setting"}}' }),
              addEventListener(type: string, listener: (event: never) => void) {
                if (type === 'message') deliver = listener as typeof deliver;
                add(type, listener);
              },
            };
          },
        },
      ),
    ).rejects.toMatchObject({ code: 'call.refused_settings', message: expect.stringMatching(/no such setting/) });
  });
});
