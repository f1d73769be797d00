import { keysDocumentation } from '../control/keys-routes.js';
import { deepgramRoutes } from '../deepgram/register-deepgram.js';
import { clientSecretsDocumentation } from '../openai/client-secrets/client-secrets-route.js';
import { realtimeDocumentation } from '../openai/realtime/documentation.js';
import { openAiRoutes } from '../openai/rest/register-openai.js';
import { wavesRoutes } from '../waves/common/waves-routes.js';
import type { DocumentedRoute } from './document.js';

/** Everything that is served under `/v1` and `/waves/v1`. */
export const documentedRoutes: readonly DocumentedRoute[] = [
  ...under('OpenAI', [...openAiRoutes, realtimeDocumentation, clientSecretsDocumentation]),
  ...under('Keys and usage', keysDocumentation),
  ...under('Waves', wavesRoutes),
  ...under('Deepgram', deepgramRoutes),
];

function under(tag: string, routes: readonly DocumentedRoute[]): DocumentedRoute[] {
  return routes.map((route) => ({ ...route, tag }));
}
