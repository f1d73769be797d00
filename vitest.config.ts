import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const folders = ['src', 'test', 'bench', 'studio'];
/** What a test imports when it starts model hosts or a browser. */
const startsMuch = /support\/(models|real-server|browser)\.js'|\/real-engine\.js'/;
/** Here the memory and the pauses of a server are measured. */
const measures = 'test/soak.test.ts';

/** Two cores: what one of these files starts must not starve what another has started. */
const alone = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.test.ts') && (path === measures || startsMuch.test(readFileSync(path, 'utf8')))),
);

/** A minute and more of one core, in a file that is short: begun last, it would keep everything waiting. */
const slowest = 'test/conversation/thousands.test.ts';

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlowest = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith(slowest);
    return [...sorted.filter(isSlowest), ...sorted.filter((file) => !isSlowest(file))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: SlowestFirst },
    globalSetup: 'test/support/fetch-models.ts',
    testTimeout: 20_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: folders.map((folder) => `${folder}/**/*.test.ts`),
          exclude: alone,
          maxWorkers: 2,
          // Two that compute side by side on a machine that does something else as well take twice their time.
          testTimeout: 40_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
