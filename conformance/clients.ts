import type { ConformanceClient } from './case.js';
import { agentsRealtime } from './clients/agents-realtime.js';
import { aiSdk } from './clients/ai-sdk.js';
import { plainCurl } from './clients/curl.js';
import { deepgramSdk } from './clients/deepgram.js';
import { liveKitSmallest } from './clients/livekit-smallest.js';
import { openAi } from './clients/openai.js';
import { pipecatSmallest } from './clients/pipecat-smallest.js';
import { smallestNode } from './clients/smallestai.js';
import { smallestPython } from './clients/smallestai-python.js';

/** In the order of the table. */
export const clients: readonly ConformanceClient[] = [
  openAi,
  agentsRealtime,
  aiSdk,
  deepgramSdk,
  smallestNode,
  smallestPython,
  liveKitSmallest,
  pipecatSmallest,
  plainCurl,
];
