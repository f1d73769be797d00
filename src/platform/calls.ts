import { randomUUID } from 'node:crypto';
import { type AgentDefinition, changedAgent } from '../agents/definition.js';
import { PromptBrain } from '../agents/prompt-brain.js';
import { silentBrain } from '../agents/silent-brain.js';
import { createResampler } from '../audio/resample.js';
import { EventLog, eventLogSchema } from '../conversation/event-log.js';
import type { TreatmentSettings } from '../conversation/listen/treatment-settings.js';
import { noPhrases, type Phrase, renderPhrase, type VoicePhrases } from '../conversation/phrases.js';
import { CallRecorder } from '../conversation/recording.js';
import { CallSession, type SessionOptions } from '../conversation/session.js';
import type { SessionEvent } from '../conversation/session-events.js';
import { PhraseCache } from '../conversation/speak/phrase-cache.js';
import { defaultTurnSettings, type TurnSettings } from '../conversation/turn/settings.js';
import type { Log } from '../observability/log.js';
import type { Clock } from '../ports/clock.js';
import { ParleyError } from '../ports/errors.js';
import type { LanguageModel } from '../ports/language-model.js';
import type { Transport } from '../ports/transport.js';
import type { Admit, AdmittedCall, CallFacts } from './admission-types.js';
import { openCallFiles } from './call-archive.js';
import { callLimits } from './call-limits.js';
import { KeptCall, shutdownReason } from './kept-call.js';

export type CallsOptions = {
  readonly engines: SessionOptions['engines'] & { readonly languageModel: LanguageModel };
  readonly agent: AgentDefinition;
  /** Phrases of the agent's voice, rendered already. */
  readonly phrases: VoicePhrases;
  readonly modelHashes: Readonly<Record<string, string>>;
  readonly maxCalls: number;
  /** How turns are taken where a client says nothing else. @defaultValue `defaultTurnSettings` */
  readonly turns?: TurnSettings;
  /** What is done to callers' audio before it is listened to. @defaultValue nothing */
  readonly treatment?: TreatmentSettings | undefined;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly holdBackground: () => () => void;
  /** How long urgent work has waited for a core lately. @defaultValue nobody knows */
  readonly queueMs?: () => number;
  readonly log: Log;
};

/** The calls of this node: who is let in, what each is given, and how they end. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #live = new Map<string, LiveCall>();
  readonly #greetings = new Map<string, Phrase>();
  /** Admissions that are under way count too. */
  #admitting = 0;
  /** Calls that are over and not yet all on disk. They take no place any more. */
  #storing = 0;
  #closing: 'draining' | 'now' | undefined;
  /** Told when the last call has ended. */
  readonly #awaitingEmpty = new Set<() => void>();

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  get live(): number {
    return this.#live.size;
  }

  /** What a call would be refused for if it came now; undefined when there is room for one. */
  noRoom(): ParleyError | undefined {
    const { maxCalls } = this.#options;
    if (this.#closing)
      return new ParleyError('This server is shutting down and takes no new calls.', {
        code: 'server.draining',
        retryable: true,
        status: 503,
      });
    if (this.#live.size + this.#admitting < maxCalls) return undefined;
    return new ParleyError(
      `This server carries ${maxCalls} calls at once and all are taken; try again when one has ended.`,
      { code: 'calls.full', retryable: true, status: 503 },
    );
  }

  readonly admit: Admit = async (facts, transport, observer) => {
    const refusal = this.noRoom();
    if (refusal) throw refusal;
    this.#admitting += 1;
    try {
      return await this.#begin(facts, transport, observer);
    } finally {
      this.#admitting -= 1;
      this.#tellWhenEmpty();
    }
  };

  /**
   * Takes no more calls and lets those under way go on. Those that have not ended after `drainMs` hear a goodbye.
   * Resolves when all have ended and everything of them is stored.
   */
  async drain(drainMs: number): Promise<void> {
    this.#closing ??= 'draining';
    if (await this.#emptyWithin(drainMs)) return;
    for (const call of this.#live.values()) call.windDown(shutdownReason);
    await this.#emptyWithin(callLimits.goodbyeMs);
    await this.close();
  }

  /** Ends all calls at once and takes no more. Resolves when everything of them is stored. */
  async close(): Promise<void> {
    this.#closing = 'now';
    for (const call of this.#live.values()) call.hangUp(shutdownReason);
    await this.#emptyWithin(callLimits.endMs);
  }

  /** @returns whether the last call has ended by then */
  #emptyWithin(ms: number): Promise<boolean> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const settle = (empty: boolean): void => {
        disarm();
        this.#awaitingEmpty.delete(onEmpty);
        resolve(empty);
      };
      const onEmpty = (): void => settle(true);
      const disarm = clock.at(clock.nowMs() + ms, () => settle(false));
      this.#awaitingEmpty.add(onEmpty);
      this.#tellWhenEmpty();
    });
  }

  #tellWhenEmpty(): void {
    if (this.#live.size + this.#admitting + this.#storing > 0) return;
    for (const onEmpty of [...this.#awaitingEmpty]) onEmpty();
  }

  async #begin(facts: CallFacts, transport: Transport, observer: (event: SessionEvent) => void): Promise<AdmittedCall> {
    const { engines, clock, log, modelHashes, queueMs } = this.#options;
    const callId = facts.callId ?? `call_${randomUUID()}`;
    const agent = this.#agentFor(facts);
    const abort = new AbortController();
    const { treatment, turns = defaultTurnSettings } = this.#options;
    const settings = { ...(facts.turn ?? turns), ...(treatment ? { treatment } : {}) };
    // First what may say that there is no room: nothing else has been opened then.
    const { transcribeOnly = false, maxReplyTokens } = facts;
    const mind = transcribeOnly ? silentBrain : new PromptBrain({ model: engines.languageModel, agent });
    const brain = await mind.begin({ callId, signal: abort.signal });
    // The call's own limit, which it may lift again: then the agent's holds.
    if (maxReplyTokens !== undefined) brain.limitReply(maxReplyTokens);
    const opened = await this.#open(transcribeOnly ? undefined : agent, transport, callId).catch((error: unknown) => {
      brain.close();
      throw error;
    });
    const { phrases, outputResampler, files } = opened;
    const header = { schema: eventLogSchema, callId, startedAt: new Date().toISOString(), settings, modelHashes };
    const kept = new KeptCall({ callId, startedAt: header.startedAt, files, log });
    const session = new CallSession({
      callId,
      transport,
      engines,
      brain,
      voice: agent.voice,
      speed: agent.speed,
      settings,
      keywords: agent.keywords ?? [],
      phrases,
      greet: !transcribeOnly && agent.greeting !== undefined,
      written: facts.written ?? false,
      clock,
      outputResampler,
      holdBackground: this.#options.holdBackground,
      ...(queueMs ? { queueMs } : {}),
      recorder: new CallRecorder(files.recording),
      log: new EventLog(files.events, header),
      observer: (event) => {
        kept.note(event);
        observer(event);
      },
    });
    log.info({ callId, source: facts.source }, 'call begins');
    const done = session.run().then(async () => {
      abort.abort(new Error('the call has ended'));
      this.#live.delete(callId);
      this.#storing += 1;
      await kept.store();
      this.#storing -= 1;
      this.#tellWhenEmpty();
    });
    this.#live.set(callId, {
      hangUp: session.controls.hangUp,
      windDown: (reason) => session.windDown(reason),
    });
    // Admitted while the server was being shut down.
    if (this.#closing === 'now') session.controls.hangUp(shutdownReason);
    return { callId, controls: session.controls, done };
  }

  /** @param agent undefined: nobody speaks */
  async #open(agent: AgentDefinition | undefined, transport: Transport, callId: string) {
    const { engines, dataDir } = this.#options;
    const phrases = agent ? await this.#phrasesFor(agent) : noPhrases();
    const outputResampler =
      transport.outputRateHz === engines.tts.rateHz
        ? undefined
        : await createResampler({ fromHz: engines.tts.rateHz, toHz: transport.outputRateHz });
    // Last: an open file has nobody to close it when a later step fails.
    const files = await openCallFiles(dataDir, callId);
    return { phrases, outputResampler, files };
  }

  #agentFor({ instructions, greeting, voice, speed, toolbox, ...facts }: CallFacts): AgentDefinition {
    // Who only writes down has no job of the agent's.
    const keywords = facts.keywords ?? (facts.transcribeOnly ? [] : undefined);
    return changedAgent(this.#options.agent, { instructions, greeting, voice, speed, toolbox, keywords });
  }

  async #phrasesFor(agent: AgentDefinition): Promise<VoicePhrases> {
    const { phrases: rendered, agent: standard, engines } = this.#options;
    const usual = agent.voice === standard.voice && agent.speed === standard.speed;
    // What was spoken in one voice and pace is of no use in another; the fixed phrases have to do.
    const phrases = usual ? rendered : { ...rendered, openers: [], cache: new PhraseCache() };
    const { greeting: text, voice, speed } = agent;
    if (text === undefined || (text === standard.greeting && usual)) return phrases;
    const key = `${voice}\0${speed}\0${text}`;
    let greeting = this.#greetings.get(key);
    if (!greeting) {
      greeting = await renderPhrase(engines.tts, voice, text, AbortSignal.timeout(5_000), speed);
      this.#greetings.set(key, greeting);
      for (const oldest of this.#greetings.keys()) {
        if (this.#greetings.size <= callLimits.maxCachedGreetings) break;
        this.#greetings.delete(oldest);
      }
    }
    return { ...phrases, named: { ...phrases.named, greeting: [greeting] } };
  }
}

type LiveCall = {
  readonly hangUp: (reason: string) => void;
  /** As `hangUp`, after a goodbye. */
  readonly windDown: (reason: string) => void;
};
