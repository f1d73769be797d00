import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ParleyError } from '../../ports/errors.js';
import { type Located, type Path, readYaml } from '../../yaml/read-yaml.js';
import { scenarioLimits } from './limits.js';
import { orderProblems } from './scenario-order.js';
import { type Scenario, scenarioSchema } from './scenario-schema.js';

/** A scenario that was read: paths in it are resolved against its file. */
export type ReadScenario = {
  readonly file: string;
  readonly scenario: Scenario;
  /** The absolute path of a file or folder that the scenario names. */
  readonly resolve: (path: string) => string;
};

/**
 * Reads a scenario and makes sure that the recordings it names are there.
 * @throws ParleyError `scenario.invalid`: each mistake with file, line, column and what was expected
 */
export async function readScenario(file: string): Promise<ReadScenario> {
  const source = await readText(file);
  const { scenario, invalid } = parseScenario(source, file);
  const resolved = (path: string): string => resolve(dirname(file), path);
  const problems: Located[] = [];
  for (const { path, named } of namedFiles(scenario)) {
    const problem = await missing(resolved(named));
    if (problem) problems.push({ path, message: problem });
  }
  if (problems.length > 0) throw invalid(problems);
  return { file, scenario, resolve: resolved };
}

/** Reads the text of a scenario; `file` is for messages. Files that it names are not looked at. @throws as `readScenario` */
export function parseScenario(
  source: string,
  file: string,
): { readonly scenario: Scenario; readonly invalid: (problems: readonly Located[]) => ParleyError } {
  const { value: scenario, invalid } = readYaml(source, file, {
    schema: scenarioSchema,
    what: 'scenario',
    expected: 'name and steps',
    code: 'scenario.invalid',
  });
  const problems = orderProblems(scenario);
  if (problems.length > 0) throw invalid(problems);
  return { scenario, invalid };
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > scenarioLimits.maxFileBytes)
      throw new ParleyError(
        `${file} has ${size} bytes; expected a scenario of at most ${scenarioLimits.maxFileBytes}.`,
        {
          code: 'scenario.invalid',
          status: 400,
        },
      );
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (ParleyError.isInstance(cause)) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new ParleyError(
      `${file} cannot be read (${reason}); expected a scenario file, such as scenarios/smooth.yaml.`,
      {
        code: 'scenario.invalid',
        status: 400,
        cause,
      },
    );
  }
}

function* namedFiles(scenario: Scenario): Iterable<{ readonly path: Path; readonly named: string }> {
  for (const [index, step] of scenario.steps.entries()) {
    if (step.play !== undefined) yield { path: ['steps', index, 'play'], named: step.play };
    if (step.recordings !== undefined) yield { path: ['steps', index, 'recordings'], named: step.recordings };
  }
  const { noise, babble } = scenario.conditions;
  if (noise?.file !== undefined) yield { path: ['conditions', 'noise', 'file'], named: noise.file };
  if (babble?.recordings !== undefined)
    yield { path: ['conditions', 'babble', 'recordings'], named: babble.recordings };
}

async function missing(path: string): Promise<string | undefined> {
  try {
    if ((await stat(path)).isDirectory() && (await readdir(path)).length === 0)
      return `expected recordings in ${path}, which is empty`;
    return undefined;
  } catch {
    return `expected a recording or a folder of recordings at ${path}, where there is none`;
  }
}
