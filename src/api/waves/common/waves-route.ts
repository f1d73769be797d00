import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../../../platform/access/access.js';
import type { Tokens } from '../../../platform/keys/tokens.js';
import type { Layers } from '../../../platform/layers/layers.js';
import type { Slots } from '../../../platform/layers/slots.js';
import type { PronunciationDictionaries } from '../../../platform/pronunciations/dictionaries.js';
import type { RequestVisit } from '../../http/visit.js';
import type { DocumentedRoute } from '../../openapi/document.js';
import type { WavesError } from './waves-error.js';

/** What routes of Waves answer with. */
export type WavesServices = {
  readonly access: Access;
  readonly tokens: Tokens;
  readonly dictionaries: PronunciationDictionaries;
  /** Files that are held at once. */
  readonly uploads: Slots;
  /** Files that are decoded at once. */
  readonly decodings: Slots;
  /** @throws ParleyError `server.not_ready` (503) */
  readonly layers: () => Layers;
  /** Whether recordings may be read from addresses of this computer and its network. */
  readonly fetchPrivate: boolean;
};

export type WavesMeans = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly visit: RequestVisit;
  /** What the client has sent to show who it is. */
  readonly credentials: readonly string[];
  /** As in the header `x-request-id`. */
  readonly requestId: string;
  readonly services: WavesServices;
};

/** A route of Waves. Paths count from where Waves is mounted, and may end in a slash as well. */
export type WavesRoute = DocumentedRoute & {
  /** Older paths of the same. */
  readonly aliases?: readonly string[];
  /** Whether tokens and client secrets will do. @defaultValue true */
  readonly shortLived?: boolean;
  /** @defaultValue `wavesError` */
  readonly errorOf?: (error: unknown, requestId: string) => WavesError<unknown>;
  readonly handle: (means: WavesMeans) => Promise<unknown>;
};
