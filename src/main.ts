import { defaultAgent } from './agents/default-agent.js';
import type { AgentDefinition } from './agents/definition.js';
import { promptPrefix } from './agents/prompt-brain.js';
import type { ServedRoute } from './api/access/open-route.js';
import { registerKeys } from './api/control/keys-routes.js';
import { answerNotFound } from './api/control/not-found.js';
import { createControlServer } from './api/control/server.js';
import { registerDeepgram } from './api/deepgram/register-deepgram.js';
import { registerClientSecrets } from './api/openai/client-secrets/client-secrets-route.js';
import { attachRealtime } from './api/openai/realtime/attach-realtime.js';
import type { SessionModel } from './api/openai/realtime/session-model.js';
import { registerOpenAiRest } from './api/openai/rest/register-openai.js';
import { registerOpenApi } from './api/openapi/register-openapi.js';
import { SocketRoutes } from './api/sockets/socket-routes.js';
import { UpgradeRouter } from './api/sockets/upgrade-router.js';
import { registerWaves } from './api/waves/common/register-waves.js';
import { defaultPhraseTexts, renderVoicePhrases } from './conversation/phrases.js';
import { ComputeGovernor } from './engines/host/governor.js';
import type { HostLogEvent } from './engines/host/host-process.js';
import type { SileroLogEvent } from './engines/silero/client.js';
import { agentVoices, enginesInUse, type RemoteEngines, remoteEngines } from './main/engines-in-use.js';
import { layersOf } from './main/layers.js';
import {
  createLocalEngines,
  type LocalEngines,
  measureEngines,
  type RunStep,
  startLocalEngines,
} from './main/local-engines.js';
import { realtimeModels } from './main/realtime-models.js';
import { catalogue, requiredModels } from './models/catalogue.js';
import { ensureModels } from './models/fetch.js';
import type { OnModelProgress } from './models/progress-event.js';
import { faultFields } from './observability/fault.js';
import { createLog, type Log } from './observability/log.js';
import { systemClock } from './observability/system-clock.js';
import { createAccess, type ServerAccess } from './platform/access/create-access.js';
import type { Admit } from './platform/admission-types.js';
import { Calls } from './platform/calls.js';
import { createClientSecrets } from './platform/client-secrets.js';
import { makeDataFolder } from './platform/data-folder.js';
import type { EngineRegistry } from './platform/engine-registry.js';
import { Keys } from './platform/keys/keys.js';
import { createTokens } from './platform/keys/tokens.js';
import type { NamedModel } from './platform/layers/engine-table.js';
import type { Layers } from './platform/layers/layers.js';
import { ModelsInUse } from './platform/models-in-use.js';
import { PronunciationDictionaries } from './platform/pronunciations/dictionaries.js';
import { Readiness } from './platform/readiness.js';
import type { Expectation, MachineFigures } from './platform/self-test.js';
import { serverKey } from './platform/server-key.js';
import { SpeechToSpeechAdmission } from './platform/speech-to-speech/admit-speech-to-speech.js';
import { serverIdentity } from './platform/tls/identity.js';
import { ParleyError } from './ports/errors.js';
import { localEngine, type ParleyFile, readParleyFile } from './settings/parley-file.js';
import { exposedWithoutKey, isLoopback, type Settings } from './settings/settings.js';
import { Store } from './store/store.js';

export type RunningServer = {
  readonly url: string;
  /** A certificate that clients have to be given to trust this server; undefined when they need none. */
  readonly trustFile: string | undefined;
  /** Resolves when engines are warm; rejects when they cannot be started. */
  readonly ready: Promise<void>;
  /** The steps of starting up that are under way. */
  readonly loading: () => readonly string[];
  /** Everything that it answers. */
  readonly routes: () => readonly ServedRoute[];
  /** The name of the agent that answers where a client says nothing else. */
  readonly agent: string;
  /** Calls under way. */
  readonly liveCalls: () => number;
  /**
   * Takes no new calls and lets those under way go on, for `settings.drainMs` at most; then each hears a goodbye.
   * Resolves when all have ended. `close` is still to be called.
   */
  readonly drain: () => Promise<void>;
  /** Ends everything at once. */
  readonly close: () => Promise<void>;
};

export type ServerOptions = {
  readonly settings: Settings;
  readonly onModelProgress?: OnModelProgress;
  /** Brings up what answers calls. @defaultValue the local models and the default agent */
  readonly bringUp?: (means: BringUp) => Promise<Calls>;
};

/**
 * The composition root: listens at once (so that `/health` and `/ready` answer while models load), then brings up
 * engines and the default agent.
 * @throws ParleyError `server.port_in_use`, `server.cannot_listen`, `server.data_folder`, `tls.unusable_certificate`, `settings.invalid` and
 *   `remote.no_key` for parley.yaml
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { settings } = options;
  const file = await readParleyFile(settings.config.file, settings.config);
  const agent = file.agent.definition;
  const remote = remoteEngines(file, process.env);
  const log = createLog({
    level: settings.logLevel,
    words: settings.logWords,
    secrets: [settings.apiKey, settings.databaseUrl, ...remote.secrets].filter((secret) => secret !== undefined),
  });
  const readiness = new Readiness();
  const stop = new AbortController();
  let calls: Calls | undefined;
  let layers: Layers | undefined;
  let models: ReadonlyMap<string, SessionModel> = new Map();
  let realtimeNames: readonly NamedModel[] = [];
  const held = new SpeechToSpeechAdmission({
    instructions: agent.instructions,
    greeting: agent.greeting,
    dataDir: settings.dataDir,
    clock: systemClock,
    log,
  });
  const notReady = (): ParleyError =>
    new ParleyError(`The server is still loading: ${readiness.loading.join(', ')}.`, {
      code: 'server.not_ready',
      retryable: true,
      status: 503,
    });
  const admit: Admit = (...call) => {
    if (!calls) throw notReady();
    return calls.admit(...call);
  };
  const identity =
    settings.tls &&
    (await serverIdentity({ files: settings.tls.files, dataDir: settings.dataDir, host: settings.host }));
  const inUse = new ModelsInUse(requiredModels());
  await makeDataFolder(settings.dataDir);
  const key = await serverKey(settings);
  const store = openStore(settings, log);
  const secrets = createClientSecrets({ key });
  const tokens = createTokens({ key });
  const access = createAccess({
    apiKey: settings.apiKey,
    exposed: !isLoopback(settings.host),
    clientSecrets: secrets,
    tokens,
    store,
    onFault: (error) => log.error({ code: error.code, detail: error.message }, 'usage could not be stored'),
  });
  await requireSomeKey(settings, store);
  const routes: ServedRoute[] = [];
  const http = await createControlServer({
    routes,
    readiness,
    models: inUse,
    access,
    ...(identity ? { tls: identity } : {}),
  });
  const entry = {
    access,
    defaults: {
      instructions: agent.instructions,
      greeting: agent.greeting ?? (false as const),
      voices: agentVoices(file),
      turns: file.agent.turns,
    },
  };
  await registerClientSecrets(http, { ...entry, secrets, models: () => models });
  await registerKeys(http, { access, store, tokens });
  const rest = {
    layers: () => {
      if (!layers || !readiness.ready) throw notReady();
      return layers;
    },
    clock: systemClock,
    access,
    onFault: (error: unknown) =>
      log.error(faultFields(error, { stack: settings.logLevel === 'debug' }), 'a request failed'),
  };
  await registerOpenAiRest(http, { ...rest, realtime: () => realtimeNames });
  registerOpenApi(http);
  const router = new UpgradeRouter(http.server);
  const sockets = new SocketRoutes({
    router,
    access,
    ready: () => readiness.ready && layers !== undefined,
    draining: () => readiness.draining,
    onFault: (error) => log.error(faultFields(error, { stack: settings.logLevel === 'debug' }), 'a socket failed'),
  });
  const realtime = attachRealtime(router, {
    ...entry,
    admit,
    ready: () => readiness.ready,
    noRoom: () => calls?.noRoom(),
    models: () => models,
    draining: () => readiness.draining,
    onFault: (error) =>
      log.error(faultFields(error, { stack: settings.logLevel === 'debug' }), 'a realtime connection failed'),
  });
  await registerWaves(http, {
    ...rest,
    sockets,
    tokens,
    dictionaries: new PronunciationDictionaries(store),
    fetchPrivate: settings.fetchPrivate,
    speechToSpeech: {
      agent: { admit, noRoom: () => calls?.noRoom(), defaults: entry.defaults },
      models: () => models,
      onFault: rest.onFault,
    },
  });
  await registerDeepgram(http, { ...rest, sockets, tokens, fetchPrivate: settings.fetchPrivate });
  answerNotFound(http, () => router.paths);
  const url = await listen(http, settings).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const closers: (() => Promise<void>)[] = [];
  const keysKnown = startAccess(settings, { access, store, readiness });
  // There is no use in loading engines for a server that cannot know its keys.
  keysKnown.catch((error: unknown) => stop.abort(error));
  const offer = (made: Layers, registry: EngineRegistry): void => {
    layers = made;
    const { instructions, greeting = false } = agent;
    realtimeNames = registry.conversation.entries;
    models = realtimeModels(registry, held, { instructions, greeting });
  };
  const ready = (options.bringUp ?? bringUp)({
    ...options,
    file,
    remote,
    inUse,
    log,
    readiness,
    signal: stop.signal,
    closers,
    offer,
  }).then(async (made) => {
    calls = made;
    await keysKnown;
    readiness.done();
  });
  // Whoever awaits `ready` sees the failure; unawaited it must not end the process.
  ready.catch((error: Error) => readiness.fail(error.message));
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    readiness.fail('shutting down');
    stop.abort(new Error('the server is shutting down'));
    await ready.catch(() => {});
    await Promise.all([calls?.close(), held.close()]);
    await realtime.close();
    await sockets.close();
    await http.close();
    await Promise.allSettled(closers.map((closer) => closer()));
    await access.close();
    await store.close();
  };
  return {
    url,
    trustFile: identity?.trustFile,
    ready,
    agent: agent.name,
    loading: () => readiness.loading.filter((step) => step !== 'start'),
    routes: () => [
      ...routes,
      ...router.paths.map((path) => ({ kind: 'socket' as const, method: 'GET', path, open: false })),
    ],
    liveCalls: () => (calls?.live ?? 0) + held.live,
    drain: async () => {
      readiness.drain();
      const { drainMs } = settings;
      await Promise.all([calls?.drain(drainMs), held.drain(drainMs), sockets.drain(drainMs)]);
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function openStore({ databaseUrl, dataDir }: Settings, log: Log): Store {
  return new Store({
    databaseUrl,
    dataDir,
    onEvent: (event) =>
      event.type === 'opened'
        ? log.info({ ...event }, 'the database is open')
        : log.error({ ...event }, 'the database failed'),
  });
}

/** A server that other computers can reach, and that nobody has a key of, is of use to nobody but strangers. */
async function requireSomeKey({ host, apiKey }: Settings, store: Store): Promise<void> {
  if (apiKey !== undefined || isLoopback(host)) return;
  try {
    if (await new Keys(store).any()) return;
  } catch (error) {
    await store.close();
    throw error;
  }
  await store.close();
  throw new ParleyError(`PARLEY_HOST: ${exposedWithoutKey(host)}.`, { code: 'settings.invalid', status: 400 });
}

/**
 * Opens the database where one is needed, while everything else loads. Where there may be keys the server is not ready
 * before they can be looked up; where only usage is to be counted, it does not wait for a new database to be made; and where
 * nobody is asked for a key there is none.
 */
async function startAccess(
  { apiKey }: Settings,
  { access, store, readiness }: { access: ServerAccess; store: Store; readiness: Readiness },
): Promise<void> {
  if (store.exists) {
    const opening = readiness.step('database', async () => {
      await store.open();
      await access.start();
    });
    // It is awaited when the engines are there.
    opening.catch(() => {});
    return opening;
  }
  // A failure is in the log, and the first use tries again.
  if (apiKey !== undefined) store.open().catch(() => {});
}

export type BringUp = ServerOptions & {
  readonly file: ParleyFile;
  readonly remote: RemoteEngines;
  readonly inUse: ModelsInUse;
  readonly log: Log;
  readonly readiness: Readiness;
  readonly signal: AbortSignal;
  /** What has to be closed, filled as it is opened, so that a failure half-way leaves nothing running. */
  readonly closers: (() => Promise<void>)[];
  /** Makes the engines' own services public, once the server is ready. */
  readonly offer: (layers: Layers, registry: EngineRegistry) => void;
};

async function bringUp(means: BringUp): Promise<Calls> {
  const { settings, inUse, log, readiness, signal, closers, onModelProgress, offer } = means;
  const models = await readiness.step('model files', () =>
    ensureModels({
      cacheDir: settings.cacheDir,
      models: requiredModels(),
      signal,
      onProgress: (progress) => {
        inUse.onProgress(progress);
        onModelProgress?.(progress);
      },
    }),
  );
  inUse.installed();
  const governor = new ComputeGovernor();
  const onHost = (event: HostLogEvent | SileroLogEvent): void => {
    if (event.type === 'died') {
      readiness.down(event.host);
      log.warn({ ...event }, 'a model host died');
    } else {
      readiness.up(event.host);
      log.info({ ...event }, 'a model host is ready');
    }
  };
  const engines = createLocalEngines(models, { settings, governor, log: onHost });
  for (const engine of Object.values(engines)) closers.push(() => engine.close());
  signal.throwIfAborted();
  await startLocalEngines(engines, (name, work) => readiness.step(name, work));
  const registry = enginesInUse(engines, means);
  const tts = registry.textToSpeech();
  const agent = means.file.agent.definition;
  const texts = { ...defaultPhraseTexts, greeting: agent.greeting ?? defaultPhraseTexts.greeting };
  const phrases = await readiness.step('phrases', () => renderVoicePhrases(tts, agent.voice, texts, signal));
  // A prompt that only a remote model is given may be more than the local one can read.
  const warmed = means.file.agent.llm.includes(localEngine) ? agent : defaultAgent;
  await readiness.step('prompt', () => engines.languageModel.warm(promptPrefix(warmed), signal));
  if (settings.selfTest)
    await readiness.step('self-test', () =>
      selfTest(engines, { governor, settings, agent: warmed, readiness, signal, log }),
    );
  offer(layersOf({ vad: engines.vad, endOfTurn: engines.endOfTurn, registry }, systemClock), registry);
  return new Calls({
    engines: { ...engines, tts, stt: registry.speechToText(), languageModel: registry.languageModel() },
    agent,
    phrases,
    modelHashes: requiredModelHashes(),
    maxCalls: settings.maxCalls,
    turns: means.file.agent.turns,
    treatment: settings.treatment,
    dataDir: settings.dataDir,
    clock: systemClock,
    holdBackground: () => governor.hold(),
    queueMs: () => governor.queueMs(),
    log,
  });
}

/** A machine that cannot be measured is no reason not to start. */
async function selfTest(
  engines: LocalEngines,
  options: Pick<BringUp, 'settings' | 'readiness' | 'signal' | 'log'> & {
    readonly governor: ComputeGovernor;
    readonly agent: AgentDefinition;
  },
): Promise<void> {
  const { readiness, signal, log } = options;
  try {
    const { figures, expect } = await measureEngines(engines, options);
    readiness.expect = expect;
    log.info({ ...figures, ...expect }, 'what to expect of this machine');
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ detail: (error as Error).message }, 'this machine could not be measured');
  }
}

/**
 * Starts the engines of this machine, measures them and ends them. Models that are missing are fetched without a word.
 * @throws what an engine throws when it cannot be started or measured; the signal's reason
 */
export async function measureThisMachine(options: {
  readonly settings: Settings;
  /** A step begins: the name of an engine, for example. */
  readonly onStep: (name: string) => void;
  readonly signal: AbortSignal;
}): Promise<{ readonly figures: MachineFigures; readonly expect: Expectation }> {
  const { settings, onStep, signal } = options;
  const governor = new ComputeGovernor();
  const models = await ensureModels({ cacheDir: settings.cacheDir, models: requiredModels(), signal });
  const engines = createLocalEngines(models, { settings, governor, log: () => {} });
  const step: RunStep = (name, work) => {
    onStep(name);
    return work();
  };
  try {
    await startLocalEngines(engines, step);
    await step('prompt', () => engines.languageModel.warm(promptPrefix(defaultAgent), signal));
    return await step('self-test', () => measureEngines(engines, { settings, governor, agent: defaultAgent, signal }));
  } finally {
    await Promise.allSettled(Object.values(engines).map((engine) => engine.close()));
  }
}

function requiredModelHashes(): Record<string, string> {
  const hashes: Record<string, string> = {};
  for (const model of catalogue)
    if (model.required) for (const file of model.files) hashes[`${model.id}/${file.name}`] = file.sha256;
  return hashes;
}

async function listen(http: Awaited<ReturnType<typeof createControlServer>>, settings: Settings): Promise<string> {
  try {
    return await http.listen({ host: settings.host, port: settings.port });
  } catch (cause) {
    await http.close();
    const code = (cause as NodeJS.ErrnoException).code;
    const where = `${settings.host}:${settings.port}`;
    if (code === 'EADDRINUSE')
      throw new ParleyError(
        `Port ${settings.port} on ${settings.host} is taken, perhaps by a Parley server that runs already ("parley doctor" says). Stop what is there, or choose another port: PARLEY_PORT=8788.`,
        { code: 'server.port_in_use', cause },
      );
    throw new ParleyError(
      `Cannot listen on ${where}: ${(cause as Error).message}. Check PARLEY_HOST and PARLEY_PORT.`,
      {
        code: 'server.cannot_listen',
        cause,
      },
    );
  }
}
