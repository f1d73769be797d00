import type { CallFacts } from '../../../platform/admission-types.js';
import {
  type EffectiveSession,
  initialSession,
  type SessionDefaults,
} from '../../openai/realtime/effective-session.js';
import type { Problem } from '../../openai/realtime/event-writer.js';
import { readTools, toolsView } from '../../openai/realtime/session-tools.js';
import type { Configuration } from './client-events.js';
import { hydraVoices } from './hydra-names.js';

/** What a session is configured to be. */
export type Configured = {
  readonly session: EffectiveSession;
  readonly facts: CallFacts;
  /** As the client is told. */
  readonly view: Readonly<Record<string, unknown>>;
  /** The agent speaks first, by itself: a greeting of its own is none of that. */
  readonly speaksFirst: boolean;
  readonly problems: readonly Problem[];
  /** What has no effect, or another than was asked for. */
  readonly warnings: readonly { readonly param: string; readonly message: string }[];
};

const at = 'session.configure.session';
const known = new Set(['instructions', 'voice', 'tools', 'generate_initial_response', 'parley']);

/** @returns a problem where the session cannot be what is asked for */
export function configure(
  wanted: Configuration,
  defaults: SessionDefaults,
): Configured | { readonly problem: Problem } {
  const { instructions, voice, generate_initial_response: initial = false, parley } = wanted;
  const { voices = [] } = defaults;
  const [usualVoice = 'default'] = voices;
  if (voice !== undefined && !voices.includes(voice) && !hydraVoices.has(voice))
    return {
      problem: {
        code: 'unknown_voice',
        message: `There is no voice "${voice.slice(0, 60)}"; there are: ${voices.join(', ')}.`,
        param: `${at}.voice`,
      },
    };
  const { tools, problems } = readTools(wanted.tools ?? [], `${at}.tools`);
  const own = voice !== undefined && voices.includes(voice) && voice !== usualVoice ? voice : undefined;
  // The default agent's greeting is its own beginning; another agent makes one up.
  const greets = initial && instructions === undefined;
  const spoken = own ?? usualVoice;
  return {
    session: {
      ...initialSession,
      instructions,
      voice: own,
      tools,
      turnMetrics: parley?.turn_metrics ?? false,
    },
    facts: {
      source: 'waves-s2s',
      ...(instructions === undefined ? {} : { instructions }),
      ...(greets ? {} : { greeting: false }),
      ...(own === undefined ? {} : { voice: own }),
      ...(tools.length > 0 ? { toolbox: { tools, choice: 'auto' } } : {}),
    },
    view: {
      instructions: instructions ?? defaults.instructions ?? '',
      voice: spoken,
      tools: toolsView(tools),
      generate_initial_response: initial,
    },
    speaksFirst: initial && !greets,
    problems,
    warnings: [
      ...Object.keys(wanted)
        .filter((name) => !known.has(name))
        .slice(0, 16)
        .map((name) => ({
          param: `${at}.${name.slice(0, 60)}`,
          message: `There is no field "${name.slice(0, 60)}"; it has no effect.`,
        })),
      ...(voice === undefined || voice === spoken
        ? []
        : [{ param: `${at}.voice`, message: `The voice "${voice}" is not here; "${spoken}" speaks.` }]),
    ],
  };
}
