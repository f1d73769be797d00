import { randomUUID } from 'node:crypto';
import { type AgentDefinition, agentDefaults } from '../agents/definition.js';
import { PromptBrain } from '../agents/prompt-brain.js';
import { createResampler } from '../audio/resample.js';
import { EventLog, eventLogSchema } from '../conversation/event-log.js';
import { type Phrase, renderPhrase, type VoicePhrases } from '../conversation/phrases.js';
import { CallRecorder } from '../conversation/recording.js';
import { CallSession, type SessionOptions } from '../conversation/session.js';
import type { SessionEvent } from '../conversation/session-events.js';
import { defaultTurnSettings } from '../conversation/turn/settings.js';
import type { Log } from '../observability/log.js';
import type { Clock } from '../ports/clock.js';
import { ParleyError } from '../ports/errors.js';
import type { LanguageModel } from '../ports/language-model.js';
import type { Transport } from '../ports/transport.js';
import type { Admit, AdmittedCall, CallFacts } from './admission-types.js';
import { openCallFiles } from './call-archive.js';

export type CallsOptions = {
  readonly engines: SessionOptions['engines'] & { readonly languageModel: LanguageModel };
  readonly agent: AgentDefinition;
  /** Phrases of the agent's voice, rendered already. */
  readonly phrases: VoicePhrases;
  readonly modelHashes: Readonly<Record<string, string>>;
  readonly maxCalls: number;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly holdBackground: () => () => void;
  readonly log: Log;
};

/** Greetings that clients bring are rendered once; the oldest go. */
const maxCachedGreetings = 64;

/** The calls of this node: who is let in, what each is given, and how they end. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #live = new Map<string, LiveCall>();
  readonly #greetings = new Map<string, Phrase>();
  /** Admissions that are under way count too. */
  #admitting = 0;
  #closing = false;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  get live(): number {
    return this.#live.size;
  }

  readonly admit: Admit = async (facts, transport, observer) => {
    const { maxCalls } = this.#options;
    if (this.#closing)
      throw new ParleyError('This server is shutting down and takes no new calls.', {
        code: 'server.not_ready',
        retryable: true,
        status: 503,
      });
    if (this.#live.size + this.#admitting >= maxCalls)
      throw new ParleyError(
        `This server carries ${maxCalls} calls at once and all are taken; try again when one has ended.`,
        {
          code: 'calls.full',
          retryable: true,
          status: 503,
        },
      );
    this.#admitting += 1;
    try {
      return await this.#begin(facts, transport, observer);
    } finally {
      this.#admitting -= 1;
    }
  };

  /** Ends all calls and takes no more. */
  async close(): Promise<void> {
    this.#closing = true;
    const calls = [...this.#live.values()];
    for (const call of calls) call.hangUp('server-shutdown');
    await Promise.all(calls.map((call) => call.done));
  }

  async #begin(facts: CallFacts, transport: Transport, observer: (event: SessionEvent) => void): Promise<AdmittedCall> {
    const { engines, clock, log, modelHashes } = this.#options;
    const callId = facts.callId ?? `call_${randomUUID()}`;
    const agent = this.#agentFor(facts);
    const abort = new AbortController();
    const settings = facts.turn ?? defaultTurnSettings;
    // First what may say that there is no room: nothing else has been opened then.
    const brain = await new PromptBrain({ model: engines.languageModel, agent }).begin({
      callId,
      signal: abort.signal,
    });
    const opened = await this.#open(agent, transport, callId).catch((error: unknown) => {
      brain.close();
      throw error;
    });
    const { phrases, outputResampler, files } = opened;
    const header = { schema: eventLogSchema, callId, startedAt: new Date().toISOString(), settings, modelHashes };
    const session = new CallSession({
      callId,
      transport,
      engines,
      brain,
      voice: agent.voice,
      speed: agent.speed,
      settings,
      phrases,
      greet: agent.greeting !== undefined,
      clock,
      outputResampler,
      holdBackground: this.#options.holdBackground,
      recorder: new CallRecorder(files.recording),
      log: new EventLog(files.events, header),
      observer: (event) => {
        if (event.type === 'problem')
          log.warn({ callId, code: event.code, detail: event.message }, 'a call had a problem');
        observer(event);
      },
    });
    log.info({ callId, source: facts.source }, 'call begins');
    const done = session.run().then(async () => {
      abort.abort(new Error('the call has ended'));
      await files.close();
      this.#live.delete(callId);
      const failure = files.failed();
      if (failure) log.error({ callId, detail: failure.message }, 'a call could not be stored');
      log.info({ callId }, 'call ended');
    });
    this.#live.set(callId, { done, hangUp: session.controls.hangUp });
    return { callId, controls: session.controls, done };
  }

  async #open(agent: AgentDefinition, transport: Transport, callId: string) {
    const { engines, dataDir } = this.#options;
    const phrases = await this.#phrasesFor(agent);
    const outputResampler =
      transport.outputRateHz === engines.tts.rateHz
        ? undefined
        : await createResampler({ fromHz: engines.tts.rateHz, toHz: transport.outputRateHz });
    // Last: an open file has nobody to close it when a later step fails.
    const files = await openCallFiles(dataDir, callId);
    return { phrases, outputResampler, files };
  }

  #agentFor(facts: CallFacts): AgentDefinition {
    const { agent } = this.#options;
    const own = facts.instructions !== undefined;
    return {
      ...agent,
      instructions: facts.instructions ?? agent.instructions,
      // The examples teach the default agent's job.
      examples: own ? [] : agent.examples,
      // So does its greeting.
      greeting: (facts.greeting ?? (own ? undefined : agent.greeting)) || undefined,
      voice: facts.voice ?? agent.voice,
      speed: facts.speed ?? agent.speed,
      maxReplyTokens: facts.maxReplyTokens ?? agentDefaults.maxReplyTokens,
    };
  }

  async #phrasesFor(agent: AgentDefinition): Promise<VoicePhrases> {
    const { phrases, agent: standard, engines } = this.#options;
    if (agent.greeting === undefined || agent.greeting === standard.greeting) return phrases;
    const key = `${agent.voice}\0${agent.greeting}`;
    let greeting = this.#greetings.get(key);
    if (!greeting) {
      greeting = await renderPhrase(engines.tts, agent.voice, agent.greeting, AbortSignal.timeout(5_000));
      this.#greetings.set(key, greeting);
      for (const oldest of this.#greetings.keys()) {
        if (this.#greetings.size <= maxCachedGreetings) break;
        this.#greetings.delete(oldest);
      }
    }
    return { ...phrases, named: { ...phrases.named, greeting: [greeting] } };
  }
}

type LiveCall = { readonly done: Promise<void>; readonly hangUp: (reason: string) => void };
