import { z } from 'zod';
import { scenarioLimits } from './limits.js';

/** Longest wait, pause or window that a scenario may ask for. */
const longestMs = 600_000;

const ms = z.number().min(0).max(longestMs);
const text = z.string().trim().min(1).max(2_000);
const range = z.union([ms, z.tuple([ms, ms])], { error: 'milliseconds, or [least, most]' });
const relativeDb = z.number().min(-80).max(40);

/** What a caller can wait for before the next step. */
export const triggerEvents = ['call_starts', 'caller_stops', 'agent_starts', 'agent_word', 'agent_stops'] as const;
/** What an expectation can be about. */
export const observedEvents = ['agent_starts', 'heard', 'problem', 'call_ends'] as const;
/** Sounds that are no words. */
export const soundKinds = ['cough', 'throat_clearing', 'door_bang', 'keyboard', 'hum', 'mm_hm'] as const;
export const noiseKinds = ['pink', 'keyboard'] as const;
/** The keys of which each step has exactly one: what it does. */
export const actionKeys = [
  'say',
  'play',
  'digits',
  'sound',
  'backchannels',
  'dtmf',
  'silence',
  'wait_for',
  'hang_up',
] as const;
/** The keys of which each expectation of a step has exactly one: what it is about. */
export const stepExpectationKeys = ['event', 'not_cut_off', 'agent_keeps_talking', 'agent_stops_within_ms'] as const;
/** The same for expectations of the whole call: the most of each that may happen. */
export const callExpectationKeys = ['missed', 'stuck', 'overlaps', 'cut_offs', 'false_stops', 'event'] as const;

const only = z.enum(['virtual', 'real_time']).describe('judged in this kind of run alone');
const contains = z.union([text, z.array(text).min(1)], { error: 'a text, or a list of texts' });

const stepExpectation = z.strictObject({
  event: z.enum(observedEvents).optional(),
  /** From the end of what the caller says in the step (from its beginning where they say nothing). */
  within_ms: ms.optional(),
  text_contains: contains.optional(),
  absent: z.literal(true).optional(),
  not_cut_off: z.literal(true).optional(),
  agent_keeps_talking: z.literal(true).optional(),
  agent_stops_within_ms: ms.optional(),
  only: only.optional(),
});

const count = z.number().int().min(0).max(10_000);

const callExpectation = z.strictObject({
  /** Turns that got no answer. */
  missed: count.optional(),
  /** Waits of the caller that ran out: nothing happened any more. */
  stuck: count.optional(),
  /** Sound of a reply after a later one had begun. */
  overlaps: count.optional(),
  /** Turns that the agent answered before they were over. */
  cut_offs: count.optional(),
  /** Replies that were broken off though the caller had said nothing that was meant for the agent. */
  false_stops: count.optional(),
  event: z.enum(['problem', 'call_ends']).optional(),
  text_contains: contains.optional(),
  absent: z.literal(true).optional(),
  only: only.optional(),
});

const sendAfter = z.strictObject({
  event: z.enum(triggerEvents),
  delay_ms: ms.default(0),
  /** For `agent_word`: which word of the answer, counted from 1, or its text. */
  word: z
    .union([z.number().int().min(1).max(1_000), text], { error: 'the number of a word from 1, or a word' })
    .optional(),
});

const pauses = z.strictObject({
  /** Behind these words, counted from 1. Without it `count` places are picked. */
  after_words: z.array(z.number().int().min(1).max(1_000)).min(1).optional(),
  count: z.number().int().min(1).max(20).default(1),
  ms: range.default([300, 1_500]),
});

const voice = {
  /** A voice of the text-to-speech engine. */
  voice: text.optional(),
  /** 1 is the voice's own pitch. */
  pitch: z.number().min(0.7).max(1.4).optional(),
  /** 1 is the natural pace of the voice or recording. */
  pace: z.number().min(0.5).max(2).optional(),
};

const step = z.strictObject({
  say: text.optional(),
  /** A recording, or a folder of which one is picked. */
  play: text.optional(),
  /** What is said in the recording: spoken in its place in virtual time. */
  words: text.optional(),
  digits: z
    .string()
    .regex(/^[0-9 ]*[0-9][0-9 ]*$/, { error: 'digits in quotes, such as "555 0123"' })
    .max(64)
    .optional(),
  /** Between two digits. */
  gap_ms: range.optional(),
  /** A folder of recorded digits: files whose names begin with the digit and an underscore. */
  recordings: text.optional(),
  sound: z.enum(soundKinds).optional(),
  backchannels: z
    .strictObject({
      say: z.array(text).min(1).max(20),
      every_ms: z.number().min(200).max(60_000),
      most: z.number().int().min(1).max(100).default(20),
    })
    .optional(),
  dtmf: z
    .string()
    .regex(/^[0-9*#A-D]+$/, { error: 'keys in quotes, of 0 to 9, *, # and A to D' })
    .max(64)
    .optional(),
  /** The caller says nothing for so long. */
  silence: ms.optional(),
  wait_for: z.strictObject({ event: z.enum(['agent_starts', 'agent_stops', 'call_ends']), within_ms: ms }).optional(),
  hang_up: z.literal(true).optional(),
  send_after: sendAfter.optional(),
  pauses: pauses.optional(),
  /** The caller corrects themselves in the same breath. */
  correction: z.strictObject({ after_ms: ms.default(250), say: text }).optional(),
  /** Louder or quieter than the caller usually is. */
  level_db: relativeDb.optional(),
  /** Not meant for the agent: no answer is expected. */
  aside: z.literal(true).optional(),
  ...voice,
  expect: z.array(stepExpectation).optional(),
});

const conditions = z.strictObject({
  /** Noise around the caller, as far below their speech as `snr_db` says. */
  noise: z
    .strictObject({ kind: z.enum(noiseKinds).optional(), file: text.optional(), snr_db: z.number().min(-10).max(60) })
    .optional(),
  /** Many people talking: recordings of a folder, or of text-to-speech. */
  babble: z
    .strictObject({
      voices: z.number().int().min(2).max(20).default(6),
      recordings: text.optional(),
      snr_db: z.number().min(-10).max(60),
    })
    .optional(),
  /** Somebody else in the room, who says one of these every so often. */
  second_person: z
    .strictObject({
      say: z.array(text).min(1).max(20),
      every_ms: z.number().min(500).max(60_000),
      level_db: relativeDb.default(-15),
    })
    .optional(),
  /** The agent's voice comes back through the caller's microphone. */
  echo: z
    .strictObject({
      level_db: z.number().min(-80).max(6),
      delay_ms: z.number().min(1).max(1_000).default(120),
      drift_ppm: z.number().min(-500).max(500).default(0),
      /** Amplitude beyond which the loudspeaker clips. */
      clip_at: z.number().min(0.01).max(1).optional(),
    })
    .optional(),
  /** 8 kHz and mu-law. */
  telephone: z.literal(true).optional(),
  far_field: z
    .strictObject({ snr_db: z.number().min(0).max(60).optional(), decay_ms: z.number().min(50).max(3_000).optional() })
    .optional(),
  /** What becomes of the caller's frames on their way. */
  network: z
    .strictObject({
      loss: z.number().min(0).max(0.5).default(0),
      burst_frames: z.number().min(1).max(50).default(1),
      jitter_ms: z.number().min(0).max(1_000).default(0),
    })
    .optional(),
});

const agent = z.strictObject({
  /** What the agent says first; without it the caller begins. */
  greeting: text.optional(),
  /** Given to a real agent. */
  instructions: z.string().trim().min(1).max(20_000).optional(),
  /** What a scripted agent answers: the first whose `to` is in what the caller said. */
  replies: z
    .array(z.strictObject({ to: text.optional(), say: text, after_ms: ms.default(300) }))
    .max(200)
    .default([]),
});

export const scenarioSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, { error: 'a name of small letters, digits, _ and -, at most 64' }),
  about: text.optional(),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
  agent: agent.prefault({}),
  caller: z.strictObject({ ...voice, level_db: relativeDb.optional() }).prefault({}),
  conditions: conditions.prefault({}),
  /** The steps are gone through so many times in one call. */
  repeat: z.number().int().min(1).max(scenarioLimits.maxRepeats).default(1),
  steps: z.array(step).min(1, { error: 'at least one step' }).max(scenarioLimits.maxSteps),
  expect: z.array(callExpectation).default([]),
});

/** A scenario as it stands in its file, with the defaults filled in. Paths in it are relative to that file. */
export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioStep = Scenario['steps'][number];
export type StepExpectation = NonNullable<ScenarioStep['expect']>[number];
export type CallExpectation = Scenario['expect'][number];
export type Conditions = Scenario['conditions'];
export type ActionKey = (typeof actionKeys)[number];

/** What a step does. The reader has made sure that it does exactly one thing. */
export function actionOf(step: ScenarioStep): ActionKey {
  return actionKeys.find((key) => step[key] !== undefined) ?? 'silence';
}

/** Whether something is heard of the caller in this step. */
export function speaks(step: ScenarioStep): boolean {
  return speakingKeys.includes(actionOf(step));
}

const speakingKeys: readonly ActionKey[] = ['say', 'play', 'digits', 'sound'];

/** Whether the step is a turn of the caller: something that is meant for the agent and wants an answer. */
export function isTurn(step: ScenarioStep): boolean {
  return speaks(step) && step.sound === undefined && step.aside === undefined;
}

/** Whether an answer is waited for before the next step. */
export function wantsAnswer(step: ScenarioStep): boolean {
  return isTurn(step) && !(step.expect ?? []).some(({ event, absent }) => event === 'agent_starts' && absent);
}
