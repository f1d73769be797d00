import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const folders = ['src', 'test', 'bench', 'studio'];
/** Tests beside what they test: these keep nothing behind, so that one process can run them one after the other. */
const units = ['src/**/*.test.ts', 'bench/**/*.test.ts', 'studio/**/*.test.ts'];
/** What a test imports when it starts model hosts or a browser. */
const startsMuch = /support\/(models|real-server|browser)\.js'|\/real-engine\.js'/;

/** Two cores: what one of these files starts must not starve what another has started. */
const alone = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.test.ts') && startsMuch.test(readFileSync(path, 'utf8'))),
);

/** Files that take long before those that take next to nothing: these fill up the end, and follow each other in one process. */
class UnitsLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isUnit = ({ project }: TestSpecification): boolean => project.name === 'units';
    return [...sorted.filter((file) => !isUnit(file)), ...sorted.filter(isUnit)];
  }
}

const twoAtOnce = {
  maxWorkers: 2,
  // Two that compute side by side on a machine that does something else as well take twice their time.
  testTimeout: 40_000,
  sequence: { groupOrder: 0 },
};

export default defineConfig({
  test: {
    sequence: { sequencer: UnitsLast },
    setupFiles: 'test/support/equal-bits.ts',
    globalSetup: ['test/support/fetch-models.ts', 'test/support/run-folder.ts'],
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'units',
          include: units,
          exclude: alone,
          // Loading the modules of each file anew takes longer than most of the tests.
          isolate: false,
          ...twoAtOnce,
        },
      },
      {
        extends: true,
        test: { name: 'together', include: ['test/**/*.test.ts'], exclude: alone, ...twoAtOnce },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
