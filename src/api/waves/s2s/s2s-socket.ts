import { ParleyError } from '../../../ports/errors.js';
import type { SessionModel } from '../../openai/realtime/session-model.js';
import type { WavesSocket } from '../common/waves-route.js';
import { deprecatedModel, hydraModels } from './hydra-names.js';
import { defaultS2sLimits, type S2sLimits } from './limits.js';
import { S2sSession } from './s2s-session.js';

export type S2sOptions = {
  /** Answers to Hydra's names. */
  readonly agent: SessionModel;
  /** Realtime models by their names. @defaultValue none */
  readonly models?: () => ReadonlyMap<string, SessionModel>;
  /** @defaultValue `defaultS2sLimits` */
  readonly limits?: Partial<S2sLimits>;
  readonly onFault: (error: unknown) => void;
};

type Checked = { readonly model: SessionModel; readonly deprecated: boolean };

/** Speech to speech over one socket, as Smallest.ai's Hydra has it. */
export function s2sSocket(options: S2sOptions): WavesSocket<Checked> {
  const limits = { ...defaultS2sLimits, ...options.limits };
  return {
    paths: ['/s2s'],
    scope: 'converse',
    // The session says itself when nothing has been said for too long.
    limits: { idleMs: 2 * limits.idleMs },
    check: ({ searchParams }) => modelOf(searchParams.get('model'), options),
    onOpen: (socket, { model, deprecated }) => {
      const { admit, defaults, noRoom } = model;
      const session = new S2sSession(socket, { admit, defaults, limits, deprecated, onFault: options.onFault });
      return session.serve(noRoom());
    },
  };
}

/** @throws ParleyError `model.unknown` (404) */
function modelOf(name: string | null, { agent, models = () => new Map() }: S2sOptions): Checked {
  if (name === null) return { model: agent, deprecated: false };
  if ((hydraModels as readonly string[]).includes(name)) return { model: agent, deprecated: name === deprecatedModel };
  const others = models();
  const model = others.get(name);
  if (model) return { model, deprecated: false };
  throw new ParleyError(
    `There is no model "${name.slice(0, 100)}" for speech to speech; there are: ${[...hydraModels, ...others.keys()].join(', ')}.`,
    { code: 'model.unknown', status: 404 },
  );
}
