import { describeSettings, settingsProblems } from '../../settings/settings.js';
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
