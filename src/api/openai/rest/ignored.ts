import type { FastifyReply } from 'fastify';

/** The header that names what a request has asked for and will not get. */
export const ignoredHeader = 'x-parley-ignored';

/** Says which parts of a request have no effect here: clients go on working, and nobody is left in doubt. */
export function ignoredHeaders(fields: readonly string[]): Readonly<Record<string, string>> {
  const names = [...new Set(fields)].map((name) => name.replace(/[^\w.[\] -]/g, '').slice(0, 60)).slice(0, 32);
  return names.length > 0 ? { [ignoredHeader]: names.join(', ') } : {};
}

export function tellIgnored(reply: FastifyReply, fields: readonly string[]): void {
  reply.headers(ignoredHeaders(fields));
}

/** Names of the fields of a body that are given, and not among those that have an effect. */
export function unknownFields(body: object, known: readonly string[]): string[] {
  return Object.entries(body)
    .filter(([name, value]) => value !== undefined && value !== null && !known.includes(name))
    .map(([name]) => name);
}
