import type { Outcome, Outcomes, Skipped, Surroundings } from './case.js';
import { clients } from './clients.js';
import { recordedMaterial, toneMaterial } from './material.js';
import { toneWords } from './scripted-engines.js';

/** A whole turn with real engines on a loaded machine is far below it. */
const attemptMs = 90_000;

export type RunRequest = Omit<Surroundings, 'material' | 'socketUrl'> & {
  readonly scripted: boolean;
  /** Only this client. */
  readonly client: string | undefined;
  /** Only calls with this in their names. */
  readonly call: string | undefined;
  readonly fetching: boolean;
};

/** The process that the clients run in: it trusts the server by NODE_EXTRA_CA_CERTS, as the server tells its users to. */
process.once('message', (request: RunRequest) => {
  run(request).then(
    (outcomes) => process.send?.(outcomes, () => process.exit(0)),
    (error: Error) => {
      process.stderr.write(`${error.stack}\n`);
      process.exit(1);
    },
  );
});

async function run({ scripted, client: only, call = '', fetching, ...where }: RunRequest): Promise<Outcomes> {
  const material = scripted ? toneMaterial(toneWords()) : await recordedMaterial();
  const at: Surroundings = { ...where, socketUrl: where.url.replace(/^http/, 'ws'), material };
  const outcomes: Outcome[] = [];
  const skipped: Skipped[] = [];
  for (const { name, version, fetched, cases } of clients) {
    if (only !== undefined && only !== name) continue;
    const found = fetched && !fetching ? { unavailable: 'it would have to be fetched first' } : await version();
    if ('unavailable' in found) {
      process.stderr.write(`${name}: skipped, ${found.unavailable}\n`);
      skipped.push({ client: name, ...found });
      continue;
    }
    for (const each of cases.filter((one) => one.name.includes(call))) {
      const outcome = { client: name, ...found, call: each.name };
      const startedMs = performance.now();
      const reason = await failure(each.attempt(at, AbortSignal.timeout(attemptMs)));
      outcomes.push(reason === undefined ? { ...outcome, passed: true } : { ...outcome, passed: false, reason });
      const took = `${Math.round(performance.now() - startedMs)} ms`;
      process.stderr.write(
        `${name}: ${each.name}: ${reason === undefined ? 'passed' : `FAILED: ${reason}`} (${took})\n`,
      );
    }
  }
  return { outcomes, skipped };
}

/** A client that waits for ever must not keep the others from being tried. */
async function failure(attempt: Promise<void>): Promise<string | undefined> {
  let late: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new Error('took too long')), attemptMs + 5_000);
  });
  try {
    await Promise.race([attempt, tooLate]);
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n').slice(0, 3).join(' ');
  } finally {
    clearTimeout(late);
  }
}
