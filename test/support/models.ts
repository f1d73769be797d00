import { skipNotice } from '../fixtures/recordings.js';

/**
 * Tests with the real engines run by default, and fetch the weights they need. `PARLEY_TEST_MODELS=skip` skips them,
 * and says how many.
 */
export function modelsAreSkipped(tests: number): boolean {
  const skipped = process.env.PARLEY_TEST_MODELS === 'skip';
  if (skipped) skipNotice(tests, 'PARLEY_TEST_MODELS=skip');
  return skipped;
}
