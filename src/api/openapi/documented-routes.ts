import { keysDocumentation } from '../control/keys-routes.js';
import { clientSecretsDocumentation } from '../openai/client-secrets/client-secrets-route.js';
import { realtimeDocumentation } from '../openai/realtime/documentation.js';
import { openAiRoutes } from '../openai/rest/register-openai.js';
import type { DocumentedRoute } from './document.js';

/** Everything that is served under `/v1`. */
export const documentedRoutes: readonly DocumentedRoute[] = [
  ...openAiRoutes,
  realtimeDocumentation,
  clientSecretsDocumentation,
  ...keysDocumentation,
];
