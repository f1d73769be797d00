import { ParleyError } from '../../audio/error.js';
import { noParleyFile, type ParleyFile, readParleyFile } from '../../settings/parley-file.js';
import { describeSettings, readSettings, settingsProblems } from '../../settings/settings.js';
import { broken, type CheckContext, type CheckResult, note, ok } from './check-result.js';

/** Each variable that cannot be used, and those whose names mean nothing here. */
export function checkSettings({ env }: Pick<CheckContext, 'env'>): CheckResult[] {
  const known = describeSettings().map(({ name }) => name);
  const given = Object.keys(env).filter((name) => name.startsWith('PARLEY_') && env[name] !== '');
  const unknown = given.filter((name) => !known.includes(name) && !name.startsWith('PARLEY_TEST_'));
  const problems = settingsProblems(env);
  if (problems.length === 0 && unknown.length === 0) {
    return [ok('settings', given.length === 0 ? 'as they come' : `${given.sort().join(', ')} set`)];
  }
  return [
    ...problems.map((problem) => broken('settings', problem, 'parley start --help lists what each variable takes')),
    ...unknown.map((name) => note('settings', `${name} is not a setting of Parley`, `unset ${name}`)),
  ];
}

/** What is wrong with parley.yaml, where there is one. */
export async function checkParleyFile({ env }: Pick<CheckContext, 'env'>): Promise<CheckResult[]> {
  if (settingsProblems(env).length > 0) return [];
  const { config } = readSettings(env);
  let file: ParleyFile;
  try {
    file = await readParleyFile(config.file, config);
  } catch (error) {
    if (!ParleyError.isInstance(error)) throw error;
    return error.message.split('\n').map((problem) => broken(name, problem));
  }
  if (file === noParleyFile) return [];
  const variables = new Set(file.models.flatMap(({ keyVariable }) => (keyVariable === undefined ? [] : [keyVariable])));
  const missing = [...variables].filter((variable) => !env[variable]);
  if (missing.length > 0)
    return missing.map((variable) =>
      broken(name, `${variable} is empty; expected a provider's key`, `export ${variable}=…`),
    );
  const { agent, models } = file;
  const beside = models.length === 0 ? '' : `; models: ${models.map(({ name }) => name).join(', ')}`;
  return [ok(name, `${agent.definition.name} answers${beside}`)];
}

const name = 'parley.yaml';
