import { ParleyError } from '../../audio/error.js';
import type { Trust } from '../../client/node-socket.js';
import { type ProbeAnswer, probeRequest } from './probe-request.js';

/** What `/ready` says of a Parley server; names are those of engines. */
export type ReadyAnswer = {
  readonly status: 'ready' | 'degraded';
  readonly restarting: readonly string[];
  /** What to expect of calls; undefined when the machine was not measured. */
  readonly expect: { readonly responseLatencyMs: number; readonly concurrentCalls: number } | undefined;
};

/** Who answers at an address. */
export type Probe =
  | { readonly state: 'ready'; readonly answer: ReadyAnswer }
  | { readonly state: 'loading'; readonly names: readonly string[] }
  /** A Parley server that takes no calls, and will not by waiting. */
  | { readonly state: 'unavailable'; readonly why: string }
  | { readonly state: 'nothing' }
  /** Something took the connection, or nobody refused it, and said nothing in time. */
  | { readonly state: 'silent' }
  | { readonly state: 'untrusted'; readonly why: string }
  | { readonly state: 'other'; readonly seen: string };

/**
 * The address at which the server behind a socket's URL speaks HTTP.
 * @throws ParleyError `call.bad_url`
 */
export function addressOf(url: string): URL {
  try {
    const address = new URL(url);
    if (address.protocol !== 'ws:' && address.protocol !== 'wss:') throw new TypeError(`scheme ${address.protocol}`);
    address.protocol = address.protocol === 'wss:' ? 'https:' : 'http:';
    return address;
  } catch (cause) {
    throw new ParleyError(`"${url}" is not the address of a socket; expected ws://127.0.0.1:8787/v1/realtime.`, {
      code: 'call.bad_url',
      status: 400,
      cause,
    });
  }
}

/** Asks who is there. A Parley server is known by what it answers to `/ready`. */
export async function probe(address: URL, trust: Trust): Promise<Probe> {
  let answer: ProbeAnswer;
  try {
    answer = await probeRequest(new URL('/ready', address), trust());
  } catch (error) {
    if (hasCode(error, absentCodes)) return { state: 'nothing' };
    if (hasCode(error, ['ETIMEDOUT'])) return { state: 'silent' };
    return distrusts(error)
      ? { state: 'untrusted', why: error.message }
      : { state: 'other', seen: `no ${address.protocol === 'https:' ? 'HTTPS' : 'HTTP'} answer` };
  }
  const json = parse(answer.body);
  const { status } = json;
  if (answer.status === 200 && (status === 'ready' || status === 'degraded'))
    return { state: 'ready', answer: { status, restarting: texts(json.restarting), expect: expectation(json.expect) } };
  if (answer.status === 503 && status === 'loading') return { state: 'loading', names: texts(json.loading) };
  if (answer.status === 503 && status === 'draining') return { state: 'unavailable', why: 'it is shutting down' };
  if (answer.status === 503 && status === 'failed')
    return { state: 'unavailable', why: `it could not start: ${texts([json.reason])[0] ?? 'no reason given'}` };
  return { state: 'other', seen: `HTTP ${answer.status} for /ready` };
}

const absentCodes = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND'];

function hasCode(error: unknown, wanted: readonly string[]): boolean {
  const codes = [error, ...(error instanceof AggregateError ? error.errors : [])].map((one: unknown) =>
    typeof one === 'object' && one !== null && 'code' in one ? one.code : undefined,
  );
  return codes.some((code) => wanted.includes(String(code)));
}

const distrust = /^(DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO|CERT_|ERR_TLS_CERT)/;

function distrusts(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && distrust.test(String(error.code));
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function expectation(value: unknown): ReadyAnswer['expect'] {
  if (typeof value !== 'object' || value === null) return undefined;
  const { responseLatencyMs, concurrentCalls } = value as Readonly<Record<string, unknown>>;
  return typeof responseLatencyMs === 'number' && typeof concurrentCalls === 'number'
    ? { responseLatencyMs, concurrentCalls }
    : undefined;
}
