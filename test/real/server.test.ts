import { afterAll, beforeAll, describe } from 'vitest';
import { modelsAreSkipped } from '../support/models.js';
import { callCases } from './calls.cases.js';
import { deepgramCases } from './deepgram.cases.js';
import { layerCases } from './layers.cases.js';
import { pageCases } from './page.cases.js';
import { rubbishCases } from './rubbish.cases.js';
import { simulateCases } from './simulate.cases.js';
import { stoppedCases } from './stopped.cases.js';
import { readyWithinMs, type SharedServer, startSharedServer } from './support/shared-server.js';
import { wavesCases } from './waves.cases.js';

describe.skipIf(modelsAreSkipped(21))('a server with its real engines', () => {
  let server: SharedServer;
  beforeAll(async () => {
    server = await startSharedServer();
  }, readyWithinMs + 60_000);
  afterAll(() => server?.remove());

  const shared = () => server;
  callCases(shared);
  layerCases(shared);
  deepgramCases(shared);
  wavesCases(shared);
  simulateCases(shared);
  pageCases(shared);
  rubbishCases(shared);
  stoppedCases(shared);
});
