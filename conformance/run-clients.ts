import type { ConformanceCase, Outcome, Outcomes, Skipped, Surroundings } from './case.js';
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
  /** How many calls are tried at the same time. */
  readonly atOnce: number;
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

async function run({ scripted, client: only, call = '', fetching, atOnce, ...where }: RunRequest): Promise<Outcomes> {
  const material = scripted ? toneMaterial(toneWords()) : await recordedMaterial();
  const at: Surroundings = { ...where, socketUrl: where.url.replace(/^http/, 'ws'), material };
  const attempts: (() => Promise<Outcome>)[] = [];
  const skipped: Skipped[] = [];
  for (const { name, version, fetched, cases } of clients) {
    if (only !== undefined && only !== name) continue;
    const found = fetched && !fetching ? { unavailable: 'it would have to be fetched first' } : await version();
    if ('unavailable' in found) {
      process.stderr.write(`${name}: skipped, ${found.unavailable}\n`);
      skipped.push({ client: name, ...found });
      continue;
    }
    for (const each of cases.filter((one) => one.name.includes(call)))
      attempts.push(() => outcomeOf(each, { client: name, ...found, call: each.name }, at));
  }
  return { outcomes: await inLanes(attempts, atOnce), skipped };
}

async function outcomeOf(
  { attempt }: ConformanceCase,
  what: Pick<Outcome, 'client' | 'version' | 'call'>,
  at: Surroundings,
): Promise<Outcome> {
  const startedMs = performance.now();
  const reason = await failure(attempt(at, AbortSignal.timeout(attemptMs)));
  const came = reason === undefined ? 'passed' : `FAILED: ${reason}`;
  process.stderr.write(`${what.client}: ${what.call}: ${came} (${Math.round(performance.now() - startedMs)} ms)\n`);
  return reason === undefined ? { ...what, passed: true } : { ...what, passed: false, reason };
}

/** Begins them in their order, so many at once. @returns what came of them, in the same order */
async function inLanes<T>(attempts: readonly (() => Promise<T>)[], lanes: number): Promise<T[]> {
  const results: T[] = [];
  const waiting = attempts.entries();
  const lane = async (): Promise<void> => {
    for (const [index, attempt] of waiting) results[index] = await attempt();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
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
