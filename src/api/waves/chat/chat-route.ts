import { chatRequestSchema, chunkSchema, completionSchema } from '../../openai/chat/chat-request.js';
import { answerChat } from '../../openai/chat/chat-route.js';
import type { WavesRoute } from '../common/waves-route.js';
import { electronError, electronErrorSchema } from './electron-error.js';

/** Electron speaks OpenAI's chat completions. */
export const chatRoute: WavesRoute = {
  method: 'POST',
  path: '/waves/v1/chat/completions',
  summary: 'Answer a conversation',
  scope: 'chat',
  request: {
    type: 'application/json',
    schema: chatRequestSchema,
    example: { model: 'electron', messages: [{ role: 'user', content: 'What is a voice agent?' }] },
  },
  responses: {
    'application/json': { description: 'The reply.', schema: completionSchema },
    'text/event-stream': { description: 'With stream.', schema: chunkSchema },
  },
  errors: electronErrorSchema,
  errorOf: electronError,
  handle: ({ request, reply, visit, requestId, services }) =>
    answerChat({ request, reply, visit, layers: services.layers() }, (error) => electronError(error, requestId).body),
};
