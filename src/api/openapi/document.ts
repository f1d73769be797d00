import { z } from 'zod';
import type { OpenAiRoute } from '../openai/rest/routes.js';

type Json = Readonly<Record<string, unknown>>;

/** What the documentation of a route is made of, in whichever dialect. */
export type DocumentedRoute = Omit<OpenAiRoute, 'method' | 'handle'> & {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** What it belongs to: a dialect, for example. */
  readonly tag?: string;
  /** Its fields are parameters of the query. */
  readonly query?: z.ZodObject;
  /** Content types of a body that is bytes, beside that of `request`. */
  readonly bytes?: readonly string[];
  /** What errors look like. @defaultValue as OpenAI's */
  readonly errors?: z.ZodType;
  /** Of an answer that is none of an error. @defaultValue 200 */
  readonly status?: number;
  /** Of a socket: the messages that a client sends. */
  readonly messages?: z.ZodType;
};

const errorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.enum(['invalid_request_error', 'rate_limit_error', 'server_error']),
    param: z.string().nullable(),
    code: z.string(),
  }),
});

/** Routes that tell of the server itself. */
const plainRoutes: Readonly<
  Record<string, { readonly summary: string; readonly description: string; readonly open: boolean }>
> = {
  '/health': { summary: 'Whether the process is alive', description: 'It is.', open: true },
  '/ready': {
    summary: 'Whether calls and requests are answered',
    description: 'They are; 503 while it loads.',
    open: true,
  },
  '/v1/parley/status': { summary: 'How the server is, and its models', description: 'How it is.', open: false },
  '/openapi.json': { summary: 'This document', description: 'OpenAPI 3.1.', open: true },
};

const serverTag = 'Server';

/** OpenAPI 3.1 of routes, from the schemas that check their requests. */
export function openApiDocument(routes: readonly DocumentedRoute[]): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [path, { summary, description, open }] of Object.entries(plainRoutes))
    paths[path] = {
      get: {
        tags: [serverTag],
        summary,
        ...(open ? { security: [] } : {}),
        responses: { 200: { description, content: { 'application/json': {} } } },
      },
    };
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version: '1',
      description:
        'Speech, transcription and chat, each by itself, and conversations, as clients of OpenAI, Waves and Deepgram ask for them. What a request asks for and has no effect is named in the header x-parley-ignored.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set([serverTag, ...routes.flatMap(({ tag }) => tag ?? [])])].map((name) => ({ name })),
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    security: [{ key: [] }],
    paths,
  };
}

function operation(route: DocumentedRoute): Json {
  const { path, method, summary, scope, request, bytes = [], responses, errors = errorSchema } = route;
  const { status = 200, messages, tag } = route;
  const parameters = [...pathParameters(path), ...queryParameters(route.query)];
  return {
    ...(tag === undefined ? {} : { tags: [tag] }),
    summary,
    operationId: `${method.toLowerCase()}${path.replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/\W/g, '')}`,
    ...(scope === 'any' ? {} : { description: `For keys of the scope ${scope}.` }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(request
      ? {
          requestBody: {
            required: true,
            content: {
              [request.type]: { schema: schemaOf(request.schema, 'input'), example: request.example },
              ...Object.fromEntries(bytes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }])),
            },
          },
        }
      : {}),
    ...(messages ? { 'x-messages': schemaOf(messages, 'input') } : {}),
    responses: {
      [status]: {
        description: Object.values(responses)
          .map(({ description }) => description)
          .join(' '),
        content: Object.fromEntries(
          Object.entries(responses).map(([type, { schema }]) => [
            type,
            schema ? { schema: schemaOf(schema, 'output') } : {},
          ]),
        ),
      },
      default: {
        description: 'What went wrong. 429 and 503 say in Retry-After when to ask again.',
        content: { 'application/json': { schema: schemaOf(errors, 'output') } },
      },
    },
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject | undefined): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

/** JSON Schema as OpenAPI has it: files are binary strings, and what is transformed is described as it is sent. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodCustom) Object.assign(jsonSchema, { type: 'string', format: 'binary' });
    },
  }) as Record<string, unknown>;
  return rest;
}
