import { z } from 'zod';
import type { HeardBasis, WrittenMessage } from '../ports/brain.js';
import type { EffectOutcome, EventLogHeader, EventLogNote, EventLogRecord } from './event-log.js';
import type { PhraseName, TimerName, TurnCommand, TurnEvent } from './turn/events.js';
import { expectedAnswerSchema } from './turn/expected-answer-schema.js';
import { turnSettingsSchema } from './turn/settings-schema.js';

/*
 * The one schema of what stands in an event log. It is checked against the types of `turn/events.ts`: an event or command
 * without a line here does not compile. Fields that are not named are kept: they may be newer.
 */

/** A value as it comes out of JSON: what was undefined is not there. */
type InJson<T> = T extends readonly (infer Item)[]
  ? readonly InJson<Item>[]
  : T extends object
    ? { readonly [K in keyof T as undefined extends T[K] ? never : K]: InJson<T[K]> } & {
        readonly [K in keyof T as undefined extends T[K] ? K : never]?: InJson<Exclude<T[K], undefined>> | undefined;
      }
    : T;

type Of<Union extends { readonly type: string }, T extends Union['type']> = Extract<Union, { type: T }>;

/** A schema for each member of a union, by its type. */
type SchemasOf<Union extends { readonly type: string }> = {
  readonly [T in Union['type']]: z.ZodType<InJson<Of<Union, T>>>;
};

const ms = z.number();
const share = z.number().min(0).max(1);
const count = z.int().min(0);
const text = z.string();
const tag = { turn: count, revision: count };
const timer = nameOf<TimerName>({ 'dead-air': true, idle: true, 'max-call': true, overlap: true, keys: true });
const phrase = nameOf<PhraseName>({
  greeting: true,
  filler: true,
  apology: true,
  reprompt: true,
  goodbye: true,
  'still-there': true,
  backchannel: true,
});
const dropReason = nameOf<Of<TurnCommand, 'drop-turn'>['why']>({ empty: true, backchannel: true, cleared: true });
const stopReason = nameOf<Of<TurnCommand, 'stop'>['why']>({ interrupted: true, cancelled: true, failed: true });
const replyStatus = nameOf<Of<EventLogNote, 'reply-finished'>['status']>({
  completed: true,
  interrupted: true,
  cancelled: true,
  failed: true,
});
const heardBasis = nameOf<HeardBasis>({ acknowledged: true, truncated: true, estimated: true });
const writer = nameOf<WrittenMessage['role']>({ user: true, assistant: true, system: true });
const outcome = nameOf<EffectOutcome>({ done: true, stale: true, failed: true });

/** One of these names. They are written as keys, so that one that is left out does not compile. */
function nameOf<Name extends string>(names: Readonly<Record<Name, true>>): z.ZodType<Name> {
  return z.enum(Object.keys(names) as [Name, ...Name[]]);
}

const event = <T extends TurnEvent['type'], Shape extends z.ZodRawShape>(type: T, shape: Shape) =>
  z.looseObject({ atMs: ms, seenMs: ms, type: z.literal(type), ...shape });

const events: SchemasOf<TurnEvent> = {
  begin: event('begin', { greeting: z.boolean() }),
  window: event('window', {
    probability: share,
    windowMs: z.number().positive(),
    overlap: z
      .looseObject({ foreign: share, voicing: z.number(), levelDb: z.number(), semitones: z.number().optional() })
      .optional(),
  }) as SchemasOf<TurnEvent>['window'],
  'end-of-turn': event('end-of-turn', {
    ...tag,
    probability: share,
    silenceMs: ms.optional(),
  }) as SchemasOf<TurnEvent>['end-of-turn'],
  'words-read': event('words-read', { ...tag, probability: share }),
  partial: event('partial', {
    turn: count,
    text,
    ours: share.optional(),
    beginnings: z.array(z.looseObject({ text, probability: share })).optional(),
  }) as SchemasOf<TurnEvent>['partial'],
  final: event('final', { ...tag, text }),
  'final-failed': event('final-failed', tag),
  'draft-failed': event('draft-failed', tag),
  'reply-audible': event('reply-audible', { reply: count }),
  'reply-done': event('reply-done', {
    reply: count,
    endCall: text.optional(),
    calls: z.literal(true).optional(),
  }) as SchemasOf<TurnEvent>['reply-done'],
  'reply-dry': event('reply-dry', { reply: count }),
  'reply-flows': event('reply-flows', { reply: count }),
  timer: event('timer', { timer }),
  'client-commit': event('client-commit', { bufferStartMs: ms }),
  'client-clear': event('client-clear', {}),
  'client-respond': event('client-respond', {}),
  'client-cancel': event('client-cancel', {}),
  configure: event('configure', { settings: turnSettingsSchema }),
  'wind-down': event('wind-down', { reason: text }),
  'hung-up': event('hung-up', { reason: text }),
  expect: event('expect', { answer: expectedAnswerSchema, by: z.literal('client').optional() }),
  'passage-begins': event('passage-begins', { reply: count }),
  'passage-over': event('passage-over', { reply: count }),
  key: event('key', { digit: text }),
  mute: event('mute', { muted: z.boolean() }),
  written: event('written', { written: z.boolean() }),
  'far-end': event('far-end', { reachable: z.boolean(), lostMs: ms.optional() }) as SchemasOf<TurnEvent>['far-end'],
  'reply-working': event('reply-working', tag),
};

const command = <T extends TurnCommand['type'], Shape extends z.ZodRawShape>(type: T, shape: Shape) =>
  z.looseObject({ type: z.literal(type), ...shape });

const commands: SchemasOf<TurnCommand> = {
  'open-turn': command('open-turn', { turn: count, startMs: ms }),
  'suspect-end': command('suspect-end', { ...tag, speechEndMs: ms }),
  'freeze-again': command('freeze-again', tag),
  'resume-turn': command('resume-turn', tag),
  draft: command('draft', { ...tag, text }),
  discard: command('discard', tag),
  commit: command('commit', { ...tag, text, reply: count.optional(), speechEndMs: ms, because: text }),
  'drop-turn': command('drop-turn', { turn: count, why: dropReason }),
  respond: command('respond', { turn: count, reply: count }),
  lower: command('lower', { reply: count }),
  restore: command('restore', { reply: count, again: z.boolean().optional() }) as SchemasOf<TurnCommand>['restore'],
  stop: command('stop', {
    reply: count,
    why: stopReason,
    withinMs: ms.optional(),
  }) as SchemasOf<TurnCommand>['stop'],
  say: command('say', { phrase, reply: count }),
  arm: command('arm', { timer, atSeenMs: ms }),
  disarm: command('disarm', { timer }),
  'end-call': command('end-call', { reason: text }),
  'look-again': command('look-again', { ...tag, speechEndMs: ms }),
  pause: command('pause', { reply: count, withinMs: ms }),
  look: command('look', { turn: count }),
  reopen: command('reopen', { turn: count, continues: count }),
  note: command('note', { turn: count, text }),
  'hold-output': command('hold-output', {}),
  'release-output': command('release-output', {
    lostMs: ms.optional(),
  }) as SchemasOf<TurnCommand>['release-output'],
  murmur: command('murmur', { reply: count }),
};

const tokens = z.looseObject({ computed: count, reused: count, generated: count });

const marks = z.looseObject({
  turn: count,
  reply: count,
  transcript: text,
  speechEndAudioMs: ms,
  agentOnsetAudioMs: ms,
  responseLatencyMs: ms,
  eouDelayMs: ms,
  readyMs: ms,
  transportOutMs: ms,
  vadSilenceMs: ms.optional(),
  endOfTurnMs: ms.optional(),
  sttFinalMs: ms.optional(),
  llmFirstTokenMs: ms.optional(),
  firstClauseMs: ms.optional(),
  ttsFirstAudioMs: ms.optional(),
  endOfTurnProbability: share.optional(),
  because: text,
  opener: text.optional(),
  bridged: z.boolean(),
  contentLatencyMs: ms.optional(),
  gapWithinReplyMs: ms,
  phrases: z.looseObject({ hits: count, misses: count, savedMs: ms }),
  drafts: count,
  tokens,
});

const place = z
  .union([
    z.looseObject({ turn: count }),
    z.looseObject({ reply: count }),
    z.looseObject({ message: text }),
    z.looseObject({ call: text }),
    z.looseObject({ result: text }),
  ])
  .nullable()
  .optional();

const notes: SchemasOf<EventLogNote> = {
  'reply-text': z.looseObject({ type: z.literal('reply-text'), reply: count, text }),
  'reply-finished': z.looseObject({
    type: z.literal('reply-finished'),
    reply: count,
    status: replyStatus,
    heard: text,
    heardBasis: heardBasis,
    tokens: tokens.optional(),
  }) as SchemasOf<EventLogNote>['reply-finished'],
  'turn-measured': z.looseObject({ type: z.literal('turn-measured'), marks }),
  'tool-called': z.looseObject({
    type: z.literal('tool-called'),
    reply: count,
    call: z.looseObject({ callId: text, name: text, arguments: text }),
    speaking: z.literal(true).optional(),
  }),
  problem: z.looseObject({ type: z.literal('problem'), code: text, message: text }),
  'speech-started': z.looseObject({ type: z.literal('speech-started'), turn: count, startMs: ms }),
  'speech-paused': z.looseObject({ type: z.literal('speech-paused'), turn: count, endMs: ms }),
  'turn-committed': z.looseObject({
    type: z.literal('turn-committed'),
    turn: count,
    text,
    endMs: ms,
    reply: count.optional(),
  }),
  'turn-transcribed': z.looseObject({ type: z.literal('turn-transcribed'), turn: count, text }),
  'reply-started': z.looseObject({
    type: z.literal('reply-started'),
    reply: count,
    turn: count.optional(),
    phrase: phrase.optional(),
  }) as SchemasOf<EventLogNote>['reply-started'],
  'draft-wasted': z.looseObject({ type: z.literal('draft-wasted'), ...tag, tokens: count, audioMs: ms }),
  'message-written': z.looseObject({
    type: z.literal('message-written'),
    id: text,
    role: writer,
    text,
    after: place,
  }) as SchemasOf<EventLogNote>['message-written'],
  'tool-answered': z.looseObject({
    type: z.literal('tool-answered'),
    callId: text,
    output: text,
    after: place,
  }) as SchemasOf<EventLogNote>['tool-answered'],
};

const stamped = { seq: z.int().min(1), atMs: ms, seenMs: ms, v: z.literal(1) };

const records: SchemasOf<EventLogRecord> = {
  event: z.looseObject({ ...stamped, type: z.literal('event'), event: oneOf('event', events) }),
  command: z.looseObject({
    ...stamped,
    type: z.literal('command'),
    cause: z.int(),
    command: oneOf('command', commands),
  }),
  effect: z.looseObject({
    ...stamped,
    type: z.literal('effect'),
    of: z.int(),
    outcome: outcome,
    detail: text.optional(),
  }) as SchemasOf<EventLogRecord>['effect'],
  note: z.looseObject({ ...stamped, type: z.literal('note'), note: oneOf('note', notes) }),
};

/** By its type, so that what is wrong is said of that type alone. */
function oneOf<T extends { readonly type: string }>(what: string, schemas: SchemasOf<T>): z.ZodType<InJson<T>> {
  const byType = new Map(Object.entries(schemas) as [string, z.ZodType<InJson<T>>][]);
  return z.unknown().transform((value, context): InJson<T> => {
    const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
    const schema = typeof type === 'string' ? byType.get(type) : undefined;
    if (!schema) {
      const known = [...byType.keys()].join(', ');
      context.addIssue({
        code: 'custom',
        message: `there is no ${what} of type ${JSON.stringify(type)}; expected ${known}`,
      });
      return z.NEVER;
    }
    const { data, error } = schema.safeParse(value);
    for (const issue of error?.issues ?? [])
      context.addIssue({ code: 'custom', path: issue.path, message: issue.message });
    return error ? z.NEVER : data;
  });
}

export const eventLogRecordSchema = oneOf<EventLogRecord>('record', records);
export const turnEventSchema = oneOf<TurnEvent>('event', events);
export const turnCommandSchema = oneOf<TurnCommand>('command', commands);

export const eventLogHeaderSchema = z.looseObject({
  schema: z.int().min(1),
  callId: text,
  startedAt: text,
  settings: turnSettingsSchema,
  heldBy: text.optional(),
  modelHashes: z.record(text, text),
}) satisfies z.ZodType<InJson<EventLogHeader>>;
