import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Scope } from '../../../platform/access/access.js';
import type { NamedModel } from '../../../platform/layers/engine-table.js';
import type { Layers } from '../../../platform/layers/layers.js';
import type { Slots } from '../../../platform/layers/slots.js';
import type { RequestVisit } from '../../http/visit.js';

export type RouteMeans = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly layers: Layers;
  /** The models that hold whole calls. */
  readonly realtime: readonly NamedModel[];
  readonly visit: RequestVisit;
  /** Files that are held at once. */
  readonly uploads: Slots;
  /** Files that are decoded at once. */
  readonly decodings: Slots;
};

/** A route: what it does, and what its documentation says. Both are made of the same schemas. */
export type OpenAiRoute = {
  readonly method: 'GET' | 'POST';
  /** As in OpenAPI: `{model}` is a parameter. */
  readonly path: string;
  /** Other patterns of the server's router that it answers to. @defaultValue none */
  readonly otherPaths?: readonly string[];
  readonly summary: string;
  /** What a key must be good for; `any`: whatever it is good for. */
  readonly scope: Scope | 'any';
  readonly request?: {
    readonly type: 'application/json' | 'multipart/form-data';
    readonly schema: z.ZodType;
    readonly example: unknown;
  };
  /** By content type. */
  readonly responses: Readonly<Record<string, { readonly description: string; readonly schema?: z.ZodType }>>;
  readonly handle: (means: RouteMeans) => Promise<unknown>;
};
