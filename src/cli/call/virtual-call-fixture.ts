import { syntheticCall } from '../../analyser/synthetic-call.js';
import { realtimeRateHz } from '../../client/pcm.js';
import type { SocketLike } from '../../client/socket-like.js';
import type { Clock } from '../../ports/clock.js';
import { type CallerClip, callerClip } from './clip.js';
import { createScriptedServer, type ScriptedServer, type ServerScript } from './scripted-server-fixture.js';

/** Time that stands still until it is told to go on. */
export type VirtualClock = Clock & { advance(ms: number): Promise<void> };

export function createVirtualClock(): VirtualClock {
  let nowMs = 0;
  let timers: { readonly atMs: number; readonly fire: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    at(atMs, fire) {
      const timer = { atMs, fire };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const [next] = timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
        if (!next) break;
        timers = timers.filter((other) => other !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.fire();
      }
      nowMs = untilMs;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** A socket whose other end is a scripted server in the same process; messages take `delayMs` from server to client. */
export function openScriptedSocket(
  script: ServerScript,
  clock: Clock,
  onServer: (server: ScriptedServer) => void,
  delayMs = 0,
): SocketLike {
  const listeners = new Map<string, ((event: never) => void)[]>();
  const dispatch = (type: string, event: unknown): void => {
    for (const listener of listeners.get(type) ?? []) listener(event as never);
  };
  let open = true;
  const close = (code: number): void => {
    if (!open) return;
    open = false;
    queueMicrotask(() => dispatch('close', { code, reason: '' }));
  };
  let server: ScriptedServer | undefined;
  const deliver = (data: string): void => {
    if (open) dispatch('message', { data });
  };
  queueMicrotask(() => {
    const send = (data: string) =>
      delayMs === 0 ? deliver(data) : void clock.at(clock.nowMs() + delayMs, () => deliver(data));
    server = createScriptedServer(script, clock, send, () => close(1011));
    onServer(server);
  });
  return {
    readyState: 1,
    bufferedAmount: 0,
    send: (data: string) => server?.receive(data),
    close: (code = 1000) => close(code),
    addEventListener(type: string, listener: (event: never) => void) {
      listeners.set(type, [...(listeners.get(type) ?? []), listener]);
    },
  };
}

/** Speech of a known stretch in room noise. */
export function syntheticClip(
  file: string,
  { startMs, endMs, lengthMs }: { readonly startMs: number; readonly endMs: number; readonly lengthMs: number },
): Promise<CallerClip> {
  const { channels } = syntheticCall({
    rateHz: realtimeRateHz,
    durationMs: lengthMs,
    caller: [{ startMs, endMs }],
    agent: [],
    callerNoiseDb: -66,
  });
  const [caller = new Float32Array(0)] = channels;
  return callerClip(file, { channels: [caller], rateHz: realtimeRateHz }, { startMs, endMs });
}
