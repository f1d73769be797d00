import { tokenRoute } from '../auth/token-route.js';
import { batchRoute, olderBatchRoute } from '../stt/batch-route.js';
import type { WavesRoute } from './waves-route.js';

/** Where Waves is mounted: as the vendor has it, and where its older clients look for it. */
export const wavesMounts = ['/waves/v1', '/api/v1'] as const;

/** Every route of Waves over HTTP. */
export const wavesRoutes: readonly WavesRoute[] = [tokenRoute, batchRoute, olderBatchRoute];
