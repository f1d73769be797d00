import type { ConformanceClient } from './case.js';
import { openAi } from './clients/openai.js';

/** In the order of the table. */
export const clients: readonly ConformanceClient[] = [openAi];
