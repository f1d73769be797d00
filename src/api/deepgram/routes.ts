import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Access } from '../../platform/access/access.js';
import type { Tokens } from '../../platform/keys/tokens.js';
import type { Layers } from '../../platform/layers/layers.js';
import type { Slots } from '../../platform/layers/slots.js';
import type { RequestVisit } from '../http/visit.js';
import type { DocumentedRoute } from '../openapi/document.js';

export type DeepgramMeans = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly requestId: string;
  readonly url: URL;
  readonly layers: Layers;
  readonly visit: RequestVisit;
  /** Files that are held at once. */
  readonly uploads: Slots;
  /** Files that are decoded at once. */
  readonly decodings: Slots;
  /** Whether recordings may be fetched from this computer and its network. */
  readonly fetchPrivate: boolean;
  readonly access: Access;
  readonly tokens: Tokens;
  readonly credentials: readonly string[];
};

export type DeepgramRoute = DocumentedRoute & {
  readonly method: 'POST';
  /** Whether tokens will do: not where they could be exchanged for more. @defaultValue true */
  readonly shortLived?: boolean;
  readonly handle: (means: DeepgramMeans) => Promise<unknown>;
};

export const deepgramErrorSchema = z.object({
  err_code: z.string(),
  err_msg: z.string(),
  request_id: z.string(),
});
