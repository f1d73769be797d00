import { z } from 'zod';
import {
  defaultTurnSettings,
  type EndpointingSettings,
  type TurnSettings,
} from '../../../conversation/turn/settings.js';

/*
 * How the protocol's turn detection becomes turn settings. What is not named stays as in `defaultTurnSettings`.
 *
 *   null                         manual: the client commits its audio and asks for responses itself
 *   server_vad                   a fixed wait; the end-of-turn model has no say
 *     threshold                  probability from which a window is speech; silence 0.15 below it (Silero's own gap)
 *     silence_duration_ms        the wait, at least the 96 ms that a transcript needs behind the last speech
 *     prefix_padding_ms          only shifts `audio_start_ms`: the transcript always begins a little before speech
 *     idle_timeout_ms            after a reply and this long a silence the agent speaks again (`idle-timeout.ts`)
 *   semantic_vad                 the end-of-turn model decides
 *     eagerness auto             the default, which is the measured one
 *     eagerness high|medium|low  other bounds of the wait, within the 2, 4 and 8 s that the protocol names
 *   create_response              whether a turn is answered without being asked
 *   interrupt_response           whether speech over the agent can stop it
 *
 * A session that has never named a turn detection has its agent's, shown as semantic_vad, auto.
 */

const common = { create_response: z.boolean().optional(), interrupt_response: z.boolean().optional() };

export const turnDetectionSchema = z
  .discriminatedUnion(
    'type',
    [
      z.object({
        type: z.literal('server_vad'),
        threshold: z.number().min(0).max(1).optional(),
        prefix_padding_ms: z.number().min(0).max(10_000).optional(),
        silence_duration_ms: z.number().min(0).max(10_000).optional(),
        idle_timeout_ms: z
          .number()
          .int()
          .min(1_000, { error: 'Expected null or 1000 to 60000' })
          .max(60_000, { error: 'Expected null or 1000 to 60000' })
          .nullable()
          .optional(),
        ...common,
      }),
      z.object({
        type: z.literal('semantic_vad'),
        eagerness: z.enum(['auto', 'low', 'medium', 'high']).optional(),
        ...common,
      }),
    ],
    { error: 'Expected null or an object of type server_vad or semantic_vad' },
  )
  .nullable();

type TurnDetectionUpdate = z.infer<typeof turnDetectionSchema>;

/** In effect, every field present. */
export type TurnDetection =
  | {
      readonly type: 'server_vad';
      readonly threshold: number;
      readonly prefix_padding_ms: number;
      readonly silence_duration_ms: number;
      readonly idle_timeout_ms: number | null;
      readonly create_response: boolean;
      readonly interrupt_response: boolean;
    }
  | {
      readonly type: 'semantic_vad';
      readonly eagerness: Eagerness;
      readonly create_response: boolean;
      readonly interrupt_response: boolean;
    };

type Eagerness = 'auto' | 'low' | 'medium' | 'high';

export const defaultServerVad: TurnDetection & { type: 'server_vad' } = {
  type: 'server_vad',
  threshold: 0.5,
  prefix_padding_ms: 300,
  silence_duration_ms: 500,
  idle_timeout_ms: null,
  create_response: true,
  interrupt_response: true,
};

export const defaultTurnDetection: TurnDetection & { type: 'semantic_vad' } = {
  type: 'semantic_vad',
  eagerness: 'auto',
  create_response: true,
  interrupt_response: true,
};

/**
 * How long silence lasts before it ends the turn (`waitingTime`): `minWaitMs` when the turn is surely complete, `maxWaitMs`
 * when more will surely come, a curve between the two; `blindWaitMs` while the end-of-turn model has not answered;
 * `answerWaitMs` when the answer that the agent expects is there, `patientWaitMs` when it has only begun. `auto` is `defaultTurnSettings`, which is measured; the others
 * are not: they are chosen between it and the protocol's bounds.
 */
const waitsOf: Readonly<Record<Eagerness, Partial<EndpointingSettings>>> = {
  auto: {},
  high: { minWaitMs: 250, maxWaitMs: 1_200, blindWaitMs: 700, patientWaitMs: 2_000 },
  medium: { minWaitMs: 800, maxWaitMs: 4_000, blindWaitMs: 1_500, answerWaitMs: 400, patientWaitMs: 4_000 },
  low: { minWaitMs: 1_200, maxWaitMs: 8_000, blindWaitMs: 3_000, answerWaitMs: 800, patientWaitMs: 8_000 },
};

/** Outside of these every window, or none, would be speech. */
const lowestThreshold = 0.1;
const highestThreshold = 0.95;
const thresholdGap = 0.15;

/** Only what the update names changes, as long as it names the same type. */
export function updateTurnDetection(
  current: TurnDetection | null | undefined,
  update: TurnDetectionUpdate,
): TurnDetection | null {
  if (update === null) return null;
  const create_response = update.create_response ?? current?.create_response ?? true;
  const interrupt_response = update.interrupt_response ?? current?.interrupt_response ?? true;
  if (update.type === 'semantic_vad') {
    const before = current?.type === 'semantic_vad' ? current : defaultTurnDetection;
    return { type: update.type, eagerness: update.eagerness ?? before.eagerness, create_response, interrupt_response };
  }
  const before = current?.type === 'server_vad' ? current : defaultServerVad;
  const { suspectMs } = defaultTurnSettings.endpointing;
  return {
    type: update.type,
    threshold: Math.min(highestThreshold, Math.max(lowestThreshold, update.threshold ?? before.threshold)),
    prefix_padding_ms: update.prefix_padding_ms ?? before.prefix_padding_ms,
    silence_duration_ms: Math.max(suspectMs, update.silence_duration_ms ?? before.silence_duration_ms),
    idle_timeout_ms: update.idle_timeout_ms === undefined ? before.idle_timeout_ms : update.idle_timeout_ms,
    create_response,
    interrupt_response,
  };
}

/** @param usual what holds where the client says nothing else */
export function turnSettingsOf(
  detection: TurnDetection | null,
  usual: TurnSettings = defaultTurnSettings,
): TurnSettings {
  // A commit of the client answers nothing by itself: it asks with `response.create`.
  if (detection === null) return { ...usual, detection: 'manual', respond: false };
  const { endpointing, interruption, talk } = usual;
  // The client says what becomes of a silent caller.
  const ownTimeout = detection.type === 'server_vad' && detection.idle_timeout_ms !== null;
  return {
    ...usual,
    ...(ownTimeout && talk ? { talk: { ...talk, prompts: { ...talk.prompts, most: 0 } } } : {}),
    respond: detection.create_response,
    interruption: { ...interruption, enabled: detection.interrupt_response },
    endpointing:
      detection.type === 'semantic_vad'
        ? { ...endpointing, ...waitsOf[detection.eagerness] }
        : {
            ...endpointing,
            startThreshold: detection.threshold,
            stopThreshold: Math.max(0.05, detection.threshold - thresholdGap),
            minWaitMs: detection.silence_duration_ms,
            maxWaitMs: detection.silence_duration_ms,
            blindWaitMs: detection.silence_duration_ms,
          },
  };
}

/** Where the caller is only written down: nobody answers, and nobody is asked to speak or hung up on for being silent. */
export function transcriptionTurns(detection: TurnDetection | null | undefined, usual?: TurnSettings): TurnSettings {
  const turns = turnSettingsOf(detection === undefined ? defaultTurnDetection : detection, usual);
  const { manualIdleHangUpMs } = turns.silence;
  const talk = turns.talk && { ...turns.talk, prompts: { ...turns.talk.prompts, most: 0 } };
  return {
    ...turns,
    respond: false,
    silence: { ...turns.silence, idleHangUpMs: manualIdleHangUpMs },
    ...(talk ? { talk } : {}),
  };
}

/** How far before the first speech a turn is said to begin. */
export function prefixPaddingMs(detection: TurnDetection | null | undefined): number {
  return detection?.type === 'server_vad' ? detection.prefix_padding_ms : 0;
}
