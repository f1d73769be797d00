import { z } from 'zod';
import type { DocumentedRoute } from '../../openapi/document.js';
import { clientEventSchemas } from './client-events.js';

const querySchema = z.object({
  model: z.string().optional().describe('Whatever is named, the agent of this server answers.'),
  intent: z
    .enum(['transcription'])
    .optional()
    .describe('transcription: the caller is written down, and nobody answers.'),
  resumable: z.enum(['true']).optional().describe('The session can be resumed when its connection is lost.'),
  resume: z.string().optional().describe('The token of a session to go on with.'),
  after: z.string().optional().describe('With resume: the last event that has come.'),
});

/** Realtime sessions, as far as OpenAPI can tell of a socket: events of the server are in docs/realtime.md. */
export const realtimeDocumentation: DocumentedRoute = {
  method: 'GET',
  path: '/v1/realtime',
  summary: 'Open a realtime session: a WebSocket with events in JSON',
  scope: 'converse',
  query: querySchema,
  status: 101,
  responses: { 'application/json': { description: 'The connection is a WebSocket from here on.' } },
  messages: z.union(Object.values(clientEventSchemas)),
};
