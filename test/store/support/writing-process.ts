import { fileURLToPath } from 'node:url';
import { readNewKey } from '../../../src/platform/keys/key-fields.js';
import { Keys } from '../../../src/platform/keys/keys.js';
import { UsageWriter } from '../../../src/platform/usage/usage-writer.js';
import { Store } from '../../../src/store/store.js';

/** A process that makes keys and counts usage without end, and says on standard output what has been acknowledged. */
export const writingProcess = fileURLToPath(import.meta.url);

if (process.argv[1] === writingProcess) {
  const [, , dataDir = '', databaseUrl] = process.argv;
  const store = new Store({ databaseUrl: databaseUrl || undefined, dataDir });
  const keys = new Keys(store);
  const usage = new UsageWriter({ store });
  const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
  await store.open();
  say({ open: true });
  const writeKeys = async (): Promise<never> => {
    for (;;) {
      const { key } = await keys.create(readNewKey({ name: 'acknowledged' }, new Date()));
      say({ key: key.id });
    }
  };
  const writeUsage = async (name: string): Promise<never> => {
    for (let count = 1; ; count++) {
      await usage.add(name, 'speak', { characters: 10 }, 1);
      say({ used: name, count });
    }
  };
  await Promise.all([writeKeys(), ...Array.from({ length: 4 }, (_, i) => writeUsage(`user-${process.pid}-${i}`))]);
}
