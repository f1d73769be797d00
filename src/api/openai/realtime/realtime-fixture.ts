import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SessionControls } from '../../../conversation/session-controls.js';
import type { SessionEvent, TurnMarks } from '../../../conversation/session-events.js';
import { keyedAccess } from '../../../platform/access/keyed-access-fixture.js';
import type { Admit, CallFacts } from '../../../platform/admission-types.js';
import type { BrainEvent } from '../../../ports/brain.js';
import type { Transport } from '../../../ports/transport.js';
import { openSocketClient, type SeenMessage, type SocketClient } from '../../sockets/socket-client-fixture.js';
import { attachRealtime, type RealtimeOptions } from './attach-realtime.js';

/** A call that does what the test says. */
export type ScriptedCall = {
  readonly facts: CallFacts;
  readonly transport: Transport;
  /** What the client asked for, in order: the name of each control with its arguments. */
  readonly asked: unknown[][];
  /** Samples heard so far, and the rate of the last frame. */
  readonly heard: { samples: number; rateHz: number; closed: string | undefined };
  /** Keys that were pressed. */
  readonly keys: string[];
  emit(event: SessionEvent): void;
  /** Sends audio of a reply: 20 ms frames of a constant. */
  speak(reply: number, frames: number): void;
};

export type Fixture = {
  readonly url: string;
  readonly calls: ScriptedCall[];
  readonly endpoint: ReturnType<typeof attachRealtime>;
  /** Resolves with the next call that is admitted, or the one that has been. */
  call(): Promise<ScriptedCall>;
  connect(options?: ConnectOptions): Promise<Client>;
  close(): Promise<void>;
};

export type ConnectOptions = {
  readonly query?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
};

export type FixtureOptions = Partial<RealtimeOptions> & {
  /** Clients must carry this key. @defaultValue no key is asked for */
  readonly apiKey?: string;
  /** Whether a call takes its audio. @defaultValue true */
  readonly listens?: boolean;
  /** What a control does, besides being noted. */
  readonly onAsked?: (call: ScriptedCall, name: string, args: readonly unknown[]) => unknown;
};

/** Lets every call in, and does with it what the test says. */
export function scriptedAdmission({ listens = true, onAsked }: Pick<FixtureOptions, 'listens' | 'onAsked'> = {}): {
  readonly admit: Admit;
  readonly calls: ScriptedCall[];
  readonly call: () => Promise<ScriptedCall>;
} {
  const calls: ScriptedCall[] = [];
  const waiting: ((call: ScriptedCall) => void)[] = [];
  return {
    calls,
    call: async () => calls.at(-1) ?? (await new Promise<ScriptedCall>((resolve) => waiting.push(resolve))),
    async admit(facts, transport, observer) {
      const { call, controls, done } = scriptedCall(facts, transport, observer, onAsked);
      if (listens) void listen(call);
      calls.push(call);
      for (const resolve of waiting.splice(0)) resolve(call);
      return { callId: `call-${calls.length}`, controls, done };
    },
  };
}

export async function startRealtime(options: FixtureOptions = {}): Promise<Fixture> {
  const { listens = true, onAsked, apiKey, ...realtimeOptions } = options;
  const http = createServer();
  const { admit, calls, call } = scriptedAdmission({ listens, ...(onAsked ? { onAsked } : {}) });
  const endpoint = attachRealtime(http, {
    admit,
    access: keyedAccess(apiKey),
    ready: () => true,
    ...realtimeOptions,
    limits: { admitAfterMs: 150, ...realtimeOptions.limits },
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const base = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  const url = `ws://${base}/v1/realtime`;
  const clients: Client[] = [];
  return {
    url,
    calls,
    endpoint,
    call,
    async connect({ query = '?model=parley', protocols = [], headers = {} } = {}) {
      const client = realtimeClient(await openSocketClient(`${url}${query}`, { protocols, headers }));
      clients.push(client);
      return client;
    },
    async close() {
      for (const { socket } of clients) socket.terminate();
      await endpoint.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function scriptedCall(
  facts: CallFacts,
  transport: Transport,
  observer: (event: SessionEvent) => void,
  onAsked: FixtureOptions['onAsked'],
) {
  const asked: unknown[][] = [];
  let finish: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const call: ScriptedCall = {
    facts,
    transport,
    asked,
    heard: { samples: 0, rateHz: 0, closed: undefined },
    keys: [],
    emit(event) {
      observer(event);
      if (event.type === 'ended') finish();
    },
    speak(reply, frames) {
      const rateHz = transport.outputRateHz;
      for (let i = 0; i < frames; i++)
        transport.send({ samples: new Float32Array(rateHz / 50).fill(0.25), rateHz }, { reply });
    },
  };
  const note =
    (name: string) =>
    (...args: unknown[]): unknown => {
      asked.push([name, ...args]);
      return onAsked?.(call, name, args);
    };
  const controls: SessionControls = {
    configure: note('configure'),
    commitInput: note('commitInput'),
    clearInput: note('clearInput'),
    respond: note('respond'),
    cancelReply: note('cancelReply'),
    truncate: (reply, playedMs) => note('truncate')(reply, playedMs) as string | undefined,
    sentMs: () => 2_000,
    addMessage: note('addMessage'),
    addCall: note('addCall'),
    addResult: note('addResult'),
    setTools: note('setTools'),
    aside: (question, signal) => note('aside')(question, signal) as AsyncIterable<BrainEvent>,
    transcribe: async (audio, signal) => String(await note('transcribe')(audio, signal)),
    forget: note('forget'),
    setInstructions: note('setInstructions'),
    limitReply: note('limitReply'),
    setWritten: note('setWritten'),
    setMuted: note('setMuted'),
    expect: note('expect'),
    setReachable: note('setReachable'),
    hangUp: note('hangUp'),
  };
  return { call, controls, done };
}

async function listen(call: ScriptedCall): Promise<void> {
  for await (const input of call.transport.input) {
    if (input.type === 'audio') {
      call.heard.samples += input.frame.samples.length;
      call.heard.rateHz = input.frame.rateHz;
    } else if (input.type === 'barrier') input.reached();
    else if (input.type === 'dtmf') call.keys.push(input.digit);
    else if (input.type === 'closed') {
      call.heard.closed = input.reason;
      call.emit({ type: 'ended', reason: input.reason });
    }
  }
}

export type Client = SocketClient & {
  /** Its messages. */
  readonly events: SeenMessage[];
  /** Sends an event that is not known and waits for the answer, so that all before it has been answered. */
  settle(): Promise<void>;
  types(): string[];
};

function realtimeClient(client: SocketClient): Client {
  const { messages: events } = client;
  let settled = 0;
  return {
    ...client,
    events,
    async settle() {
      settled += 1;
      const eventId = `settle-${settled}`;
      client.send({ type: 'test.settle', event_id: eventId });
      for (;;) {
        const { error } = await client.next('error');
        if ((error as { event_id: unknown }).event_id === eventId) break;
      }
      for (const [index, event] of [...events.entries()].reverse())
        if ((event.error as { event_id?: unknown } | undefined)?.event_id === eventId) events.splice(index, 1);
    },
    types: () => events.map(({ type }) => type),
  };
}

/** Base64 of `ms` of PCM16 at 24 kHz. */
export function pcm(ms: number): string {
  return Buffer.alloc(ms * 48).toString('base64');
}

export function marksOf(fields: Partial<TurnMarks>): TurnMarks {
  return {
    turn: 1,
    reply: 0,
    transcript: '',
    speechEndAudioMs: 0,
    agentOnsetAudioMs: 0,
    responseLatencyMs: 0,
    eouDelayMs: 0,
    readyMs: 0,
    transportOutMs: 0,
    vadSilenceMs: undefined,
    endOfTurnMs: undefined,
    sttFinalMs: undefined,
    llmFirstTokenMs: undefined,
    firstClauseMs: undefined,
    ttsFirstAudioMs: undefined,
    endOfTurnProbability: undefined,
    because: '',
    opener: undefined,
    bridged: false,
    contentLatencyMs: 0,
    gapWithinReplyMs: 0,
    phrases: { hits: 0, misses: 0, savedMs: 0 },
    drafts: 1,
    tokens: { computed: 0, reused: 0, generated: 0 },
    ...fields,
  };
}
