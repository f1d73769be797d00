import { isDeepStrictEqual } from 'node:util';
import type { TurnSettings } from '../../../conversation/turn/settings.js';
import type { CallFacts } from '../../../platform/admission-types.js';
import type { Keyword } from '../../../ports/speech-to-text.js';
import type { ToolChoice, ToolDefinition } from '../../../ports/tools.js';
import { type AudioFormatName, formatView } from './audio-format.js';
import type { SessionUpdate } from './client-events.js';
import type { Problem } from './event-writer.js';
import { keywordsOf, keywordsOfPrompt } from './keywords.js';
import { readToolChoice, readTools, toolChoiceView, toolsView } from './session-tools.js';
import {
  defaultTurnDetection,
  type TurnDetection,
  transcriptionTurns,
  turnSettingsOf,
  updateTurnDetection,
} from './turn-detection.js';

/** The settings of a session as they are in effect. Undefined: as the default agent has it. */
export type EffectiveSession = {
  /** `transcription`: the caller is only written down, and nobody answers. */
  readonly kind: 'realtime' | 'transcription';
  readonly instructions: string | undefined;
  readonly greeting: string | false | undefined;
  readonly voice: string | undefined;
  readonly turnDetection: TurnDetection | null | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly modality: 'audio' | 'text';
  readonly inputFormat: AudioFormatName;
  readonly outputFormat: AudioFormatName;
  /** Null: the client does not want to see what the caller said. The model's name is the client's own. */
  readonly transcription: { readonly model: string; readonly language?: string } | null;
  /** What the caller is likely to say. Undefined: as the default agent has it. */
  readonly keywords: readonly Keyword[] | undefined;
  /** How fast the agent speaks; 1 is the voice's own pace. */
  readonly speed: number;
  /**
   * What changes nothing here and is shown as it was asked for. Recognition is made for raw microphones, and reducing
   * noise ahead of it costs words; nobody traces but the call's own event log.
   */
  readonly noiseReduction: { readonly type?: 'near_field' | 'far_field' | undefined } | null;
  readonly tracing: unknown;
  /** What the agent may call; the client carries it out. */
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice: ToolChoice;
  /** Whether `parley.turn`, `parley.partial` and `parley.correction` are sent. */
  readonly turnMetrics: boolean;
};

/** What the server's default agent has where a session says nothing; shown to clients. */
export type SessionDefaults = {
  /** @defaultValue parley */
  readonly model?: string;
  readonly instructions?: string;
  readonly greeting?: string | false;
  /**
   * Voices by name, the default first. Any other name, such as one of another provider, gets the default.
   * @defaultValue every name is passed on as it is
   */
  readonly voices?: readonly string[];
  /** How turns are taken. @defaultValue `defaultTurnSettings` */
  readonly turns?: TurnSettings;
};

/** How the default voice is shown when its name is not known here. */
const unnamedVoice = 'default';

export const initialSession: EffectiveSession = {
  kind: 'realtime',
  instructions: undefined,
  greeting: undefined,
  voice: undefined,
  turnDetection: undefined,
  maxOutputTokens: undefined,
  modality: 'audio',
  inputFormat: 'audio/pcm',
  outputFormat: 'audio/pcm',
  transcription: { model: 'parley' },
  keywords: undefined,
  speed: 1,
  noiseReduction: null,
  tracing: null,
  tools: [],
  toolChoice: 'auto',
  turnMetrics: false,
};

/** Applies what the update names and leaves the rest as it was. */
export function updateSession(
  current: EffectiveSession,
  update: SessionUpdate,
  defaults: SessionDefaults,
): EffectiveSession {
  const { audio, parley } = update;
  const input = audio?.input;
  const output = audio?.output;
  const limit = update.max_output_tokens;
  const tools = update.tools === undefined ? current.tools : readTools(update.tools, '').tools;
  return {
    kind: update.type ?? current.kind,
    instructions: instructionsOf(current, update, defaults),
    greeting: parley?.greeting === '' ? false : (parley?.greeting ?? current.greeting),
    voice: output?.voice === undefined ? current.voice : knownVoice(output.voice, defaults),
    turnDetection:
      input?.turn_detection === undefined
        ? current.turnDetection
        : updateTurnDetection(current.turnDetection, input.turn_detection),
    maxOutputTokens: limit === undefined ? current.maxOutputTokens : limit === 'inf' ? undefined : limit,
    modality: update.output_modalities === undefined ? current.modality : modalityOf(update.output_modalities),
    inputFormat: input?.format?.type ?? current.inputFormat,
    outputFormat: output?.format?.type ?? current.outputFormat,
    transcription:
      input?.transcription === undefined
        ? current.transcription
        : input.transcription && transcriptionOf(current, input.transcription),
    keywords: keywordsIn(update) ?? current.keywords,
    speed: output?.speed ?? current.speed,
    noiseReduction: input?.noise_reduction === undefined ? current.noiseReduction : input.noise_reduction,
    tracing: update.tracing === undefined ? current.tracing : update.tracing,
    tools,
    toolChoice: choiceOf(update.tool_choice, current, tools),
    turnMetrics: parley?.turn_metrics ?? current.turnMetrics,
  };
}

function transcriptionOf(
  { transcription: current }: EffectiveSession,
  { model, language }: { readonly model?: string | undefined; readonly language?: string | undefined },
): EffectiveSession['transcription'] {
  const spoken = language ?? current?.language;
  return { model: model ?? current?.model ?? 'parley', ...(spoken === undefined ? {} : { language: spoken }) };
}

/** What is named outright goes before a prompt. */
function keywordsIn({ audio, parley }: SessionUpdate): readonly Keyword[] | undefined {
  if (parley?.keywords) return keywordsOf(parley.keywords);
  const prompt = audio?.input?.transcription?.prompt;
  return prompt === undefined ? undefined : keywordsOfPrompt(prompt);
}

/** A choice that cannot be made leaves it as it was; a tool that is gone is chosen no more. */
function choiceOf(wanted: unknown, { toolChoice }: EffectiveSession, tools: readonly ToolDefinition[]): ToolChoice {
  const read = wanted === undefined ? { choice: toolChoice } : readToolChoice(wanted, tools, '');
  const choice = 'choice' in read ? read.choice : toolChoice;
  return typeof choice === 'string' || tools.some(({ name }) => name === choice.name) ? choice : 'auto';
}

/** The default named by a client that sends back what it was shown is no choice. */
function instructionsOf(
  { instructions: current }: EffectiveSession,
  { instructions: wanted }: SessionUpdate,
  { instructions: standard }: SessionDefaults,
): string | undefined {
  return wanted === undefined || (current === undefined && wanted === standard) ? current : wanted;
}

/** Audio comes with its transcript, so it wins where both are asked for. */
export function modalityOf(modalities: readonly ('audio' | 'text')[]): 'audio' | 'text' {
  return modalities.includes('audio') ? 'audio' : 'text';
}

/** Undefined for the default voice, and for a name that is not known here. */
export function knownVoice(voice: string | { readonly id: string }, { voices }: SessionDefaults): string | undefined {
  const name = typeof voice === 'string' ? voice : voice.id;
  const isDefault = name === unnamedVoice || name === voices?.[0] || voices?.includes(name) === false;
  return isDefault ? undefined : name;
}

/**
 * What the agent says first. The default agent's greeting goes with its instructions: a client that brings its own
 * expects, as the protocol has it, that nobody speaks before it asks for a response.
 */
function greetingOf(
  { greeting, instructions }: EffectiveSession,
  defaults: SessionDefaults,
): SessionDefaults['greeting'] {
  return greeting ?? (instructions === undefined ? defaults.greeting : false);
}

/** Whether an update says anything that a call must know before it begins. */
export function configuresCall({ instructions, audio, parley, max_output_tokens, tools }: SessionUpdate): boolean {
  return [instructions, audio, parley, max_output_tokens, tools].some((part) => part !== undefined);
}

/** In the terms of a realtime model. */
function turnsOf(detection: TurnDetection | null): NonNullable<CallFacts['modelTurns']> {
  if (detection === null) return 'manual';
  return detection.type === 'server_vad' ? 'silence' : 'semantic';
}

export function callFacts(session: EffectiveSession, { turns }: SessionDefaults): CallFacts {
  const { instructions, voice, turnDetection, maxOutputTokens, speed, modality, tools, toolChoice } = session;
  const keywords = session.keywords === undefined ? {} : { keywords: session.keywords };
  if (session.kind === 'transcription')
    return { source: 'realtime', transcribeOnly: true, turn: transcriptionTurns(turnDetection, turns), ...keywords };
  const greeting = greetingOf(session, {});
  return {
    source: 'realtime',
    ...(instructions === undefined ? {} : { instructions }),
    ...(greeting === undefined ? {} : { greeting }),
    ...(voice === undefined ? {} : { voice }),
    ...(turnDetection === undefined
      ? {}
      : { turn: turnSettingsOf(turnDetection, turns), modelTurns: turnsOf(turnDetection) }),
    ...(maxOutputTokens === undefined ? {} : { maxReplyTokens: maxOutputTokens }),
    ...keywords,
    ...(speed === 1 ? {} : { speed }),
    ...(modality === 'text' ? { written: true } : {}),
    ...(tools.length > 0 ? { toolbox: { tools, choice: toolChoice } } : {}),
  };
}

/** What a realtime model is told once. */
const heldFixedFields = {
  instructions: 'session.instructions',
  turnDetection: 'session.audio.input.turn_detection',
} as const satisfies Partial<Record<keyof EffectiveSession, string>>;

const fixedFields = {
  kind: 'session.type',
  voice: 'session.audio.output.voice',
  inputFormat: 'session.audio.input.format',
  outputFormat: 'session.audio.output.format',
  greeting: 'session.parley.greeting',
  speed: 'session.audio.output.speed',
  keywords: 'session.parley.keywords',
} as const satisfies Partial<Record<keyof EffectiveSession, string>>;

/** Takes back what cannot change any more once the call has begun, and says so. */
export function keepFixed(
  before: EffectiveSession,
  after: EffectiveSession,
  defaults: SessionDefaults,
  { held }: { readonly held: boolean },
): { readonly session: EffectiveSession; readonly problems: readonly Problem[] } {
  const { kind, voice, speed, inputFormat, outputFormat, greeting, keywords, instructions, turnDetection } = before;
  const fixed = held ? { ...fixedFields, ...heldFixedFields } : fixedFields;
  const problems = Object.entries(fixed)
    .filter(([key]) => !isDeepStrictEqual(before[key as keyof EffectiveSession], after[key as keyof EffectiveSession]))
    // A client that sends back what it was shown chooses nothing.
    .filter(([key]) => key !== 'greeting' || after.greeting !== greetingOf(before, defaults))
    .map(([, param]) => ({
      code: 'parley.not_changeable',
      message: `${param} cannot change once the call has begun; send it in the first session.update.`,
      param,
    }));
  const kept = { kind, voice, speed, inputFormat, outputFormat, greeting, keywords };
  return { session: { ...after, ...kept, ...(held ? { instructions, turnDetection } : {}) }, problems };
}

/** The session object that clients see: what is in effect, whatever was asked for. */
export function sessionView(
  session: EffectiveSession,
  identity: { readonly id: string; readonly expiresAt: number },
  defaults: SessionDefaults,
): Readonly<Record<string, unknown>> {
  const greeting = greetingOf(session, defaults);
  const keywords = session.keywords === undefined ? {} : { keywords: session.keywords };
  const input = {
    format: formatView(session.inputFormat),
    transcription: session.transcription,
    noise_reduction: session.noiseReduction,
    turn_detection: session.turnDetection === undefined ? defaultTurnDetection : session.turnDetection,
  };
  if (session.kind === 'transcription')
    return {
      type: 'transcription',
      object: 'realtime.transcription_session',
      id: identity.id,
      expires_at: identity.expiresAt,
      include: null,
      audio: { input },
      ...(session.keywords === undefined ? {} : { parley: keywords }),
    };
  return {
    type: 'realtime',
    object: 'realtime.session',
    id: identity.id,
    expires_at: identity.expiresAt,
    model: defaults.model ?? 'parley',
    output_modalities: [session.modality],
    instructions: session.instructions ?? defaults.instructions ?? '',
    tools: toolsView(session.tools),
    tool_choice: toolChoiceView(session.toolChoice),
    max_output_tokens: session.maxOutputTokens ?? 'inf',
    tracing: session.tracing,
    truncation: 'auto',
    prompt: null,
    include: null,
    audio: {
      input,
      output: {
        format: formatView(session.outputFormat),
        voice: voiceName(session, defaults),
        speed: session.speed,
      },
    },
    parley: { turn_metrics: session.turnMetrics, ...keywords, ...(greeting === undefined ? {} : { greeting }) },
  };
}

export function voiceName(session: EffectiveSession, defaults: SessionDefaults): string {
  return session.voice ?? defaults.voices?.[0] ?? unnamedVoice;
}
