import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'studio/**/*.test.ts'],
    globalSetup: 'test/support/fetch-models.ts',
    // Two cores: model hosts and browsers in one test file must not starve those of another.
    maxWorkers: 1,
    testTimeout: 20_000,
    hookTimeout: 120_000,
  },
});
