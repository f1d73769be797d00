import type { ConformanceClient } from './case.js';
import { agentsRealtime } from './clients/agents-realtime.js';
import { aiSdk } from './clients/ai-sdk.js';
import { plainCurl } from './clients/curl.js';
import { openAi } from './clients/openai.js';

/** In the order of the table. */
export const clients: readonly ConformanceClient[] = [openAi, agentsRealtime, aiSdk, plainCurl];
