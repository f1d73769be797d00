const answerDeadlineMs = 4_000;
const loadingPollMs = 1_000;
/** Often enough to notice a server that went away before somebody presses Talk. */
const readyPollMs = 5_000;

export type ModelStatus = {
  readonly id: string;
  readonly job: string;
  readonly name: string;
  readonly licence: string;
  readonly bytes: number;
  readonly receivedBytes: number;
  readonly state: 'waiting' | 'downloading' | 'verifying' | 'installed';
};

/** What the server measured of its machine when it started. */
export type Expectation = { readonly responseLatencyMs: number; readonly concurrentCalls: number };

type Known = {
  readonly keyRequired: boolean;
  /** The key that was sent is none of the server's. */
  readonly keyRefused: boolean;
  readonly models: readonly ModelStatus[];
};

export type ServerStatus =
  /** Not asked yet. */
  | { readonly kind: 'unknown' }
  | ({ readonly kind: 'ready'; readonly expect: Expectation | undefined } & Known)
  /** It takes no new calls, because it is about to stop. */
  | ({ readonly kind: 'draining' } & Known)
  | ({ readonly kind: 'loading'; readonly steps: readonly string[] } & Known)
  | ({ readonly kind: 'failed'; readonly reason: string } & Known)
  | { readonly kind: 'unreachable' };

/** Never rejects. @param apiKey the key to send; undefined: none is known yet */
async function askServerStatus(apiKey: string | undefined): Promise<ServerStatus> {
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(answerDeadlineMs), headers });
  try {
    const response = await ask('/v1/parley/status', apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` });
    if (response.ok) return readStatus(await response.json());
    if (response.status !== 401) return { kind: 'unreachable' };
    // Without a good key it says whether it is ready, and no more.
    const ready: unknown = await (await ask('/ready')).json();
    if (!isObject(ready)) return { kind: 'unreachable' };
    return readStatus({ ...ready, key_required: true }, apiKey !== undefined);
  } catch {
    return { kind: 'unreachable' };
  }
}

export type StatusWatch = {
  /** Asks out of turn, and goes on from there. */
  ask(): Promise<ServerStatus>;
  stop(): void;
};

/** Asks again and again. @param apiKey the key at the moment */
export function watchServerStatus(
  onStatus: (status: ServerStatus) => void,
  apiKey: () => string | undefined,
): StatusWatch {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  async function ask(): Promise<ServerStatus> {
    clearTimeout(timer);
    const status = await askServerStatus(apiKey());
    if (stopped) return status;
    onStatus(status);
    clearTimeout(timer);
    timer = setTimeout(ask, status.kind === 'ready' ? readyPollMs : loadingPollMs);
    return status;
  }
  void ask();
  return {
    ask,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Whatever is not as expected is left out: a page must not fail on a newer server. */
export function readStatus(body: unknown, keyRefused = false): ServerStatus {
  if (!isObject(body)) return { kind: 'unreachable' };
  const models = Array.isArray(body.models) ? body.models.flatMap(readModel) : [];
  const known = { keyRequired: body.key_required === true, keyRefused, models };
  switch (body.status) {
    case 'ready':
    // An engine is being restarted; calls are taken all the same.
    case 'degraded':
      return { kind: 'ready', expect: readExpectation(body.expect), ...known };
    case 'draining':
      return { kind: 'draining', ...known };
    case 'failed':
      return { kind: 'failed', reason: typeof body.reason === 'string' ? body.reason : '', ...known };
    default: {
      const steps = Array.isArray(body.loading) ? body.loading.filter((step) => typeof step === 'string') : [];
      return { kind: 'loading', steps, ...known };
    }
  }
}

const modelStates = ['waiting', 'downloading', 'verifying', 'installed'] as const;

function readModel(model: unknown): ModelStatus[] {
  if (!isObject(model)) return [];
  const { id, job, name, licence, bytes, received_bytes: receivedBytes } = model;
  const state = modelStates.find((known) => known === model.state);
  if (typeof id !== 'string' || typeof job !== 'string' || typeof name !== 'string' || typeof licence !== 'string')
    return [];
  if (typeof bytes !== 'number' || typeof receivedBytes !== 'number' || state === undefined) return [];
  return [{ id, job, name, licence, bytes, receivedBytes, state }];
}

function readExpectation(expect: unknown): Expectation | undefined {
  if (!isObject(expect)) return undefined;
  const { responseLatencyMs, concurrentCalls } = expect;
  if (typeof responseLatencyMs !== 'number' || typeof concurrentCalls !== 'number') return undefined;
  return { responseLatencyMs, concurrentCalls };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
