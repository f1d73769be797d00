import type { FastifyReply } from 'fastify';
import { tellIgnored } from '../../openai/rest/ignored.js';

/** Something that a request has asked for and will not get. */
export type Reported = {
  /** The field or query parameter. */
  readonly name: string;
  /** What happens instead. */
  readonly message: string;
};

/** Fields that this server does not know: their clients send more than their pages say. */
export function unknownReported(names: readonly string[]): Reported[] {
  return names.map((name) => ({ name, message: `${name.slice(0, 60)} has no effect here.` }));
}

/** Names in the header `x-parley-ignored` what has no effect. Each is said once. */
export function report(reply: FastifyReply, reported: readonly Reported[]): void {
  tellIgnored(
    reply,
    reported.map(({ name }) => name),
  );
}

/** The same for bodies and frames in JSON: a field `warnings` where there is something to tell, else nothing. */
export function warningsOf(reported: readonly Reported[]): { readonly warnings?: readonly string[] } {
  const messages = [...new Set(reported.map(({ message }) => message))].slice(0, 32);
  return messages.length === 0 ? {} : { warnings: messages };
}
