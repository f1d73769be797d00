import { wordsIn } from '../../conversation/turn/completeness.js';
import {
  actionKeys,
  actionOf,
  callExpectationKeys,
  isTurn,
  type Scenario,
  type ScenarioStep,
  speaks,
  stepExpectationKeys,
  triggerEvents,
} from './scenario-schema.js';

/** Something that cannot be, and where it stands. */
export type OrderProblem = { readonly path: readonly (string | number)[]; readonly message: string };

type Modifier = { readonly key: keyof ScenarioStep; readonly for: readonly string[] };

/** Keys that mean something only beside certain others. */
const modifiers: readonly Modifier[] = [
  { key: 'words', for: ['play'] },
  { key: 'gap_ms', for: ['digits'] },
  { key: 'recordings', for: ['digits'] },
  { key: 'pauses', for: ['say', 'play'] },
  { key: 'correction', for: ['say', 'play', 'digits'] },
  { key: 'aside', for: ['say', 'play', 'digits'] },
  { key: 'level_db', for: ['say', 'play', 'digits', 'sound', 'backchannels'] },
  { key: 'voice', for: ['say', 'digits', 'backchannels'] },
  { key: 'pitch', for: ['say', 'digits', 'backchannels'] },
  { key: 'pace', for: ['say', 'play', 'digits', 'backchannels'] },
];

/** A pause behind a word that is not said. Where the words of a recording are not given, they are not known here. */
function pauseProblems({ say, words, pauses }: ScenarioStep, path: OrderProblem['path']): OrderProblem[] {
  const said = say ?? words;
  if (said === undefined || !pauses?.after_words) return [];
  const count = wordsIn(said);
  const beyond = pauses.after_words.find((word) => word > count);
  if (beyond === undefined) return [];
  const message = `after_words: expected numbers of the ${count} words that are said, found ${beyond}`;
  return [{ path: [...path, 'pauses'], message }];
}

/** What is well written and still makes no sense: steps in an order that cannot happen, keys that do not go together. */
export function orderProblems(scenario: Scenario): OrderProblem[] {
  const problems: OrderProblem[] = [];
  let spoken = scenario.agent.greeting !== undefined;
  for (const [index, step] of scenario.steps.entries()) {
    const path = ['steps', index];
    const actions = actionKeys.filter((key) => step[key] !== undefined);
    if (actions.length !== 1) {
      const found = actions.length === 0 ? 'none' : actions.join(' and ');
      problems.push({ path, message: `expected exactly one of ${actionKeys.join(', ')} in a step, found ${found}` });
      continue;
    }
    problems.push(
      ...misplaced(step, path),
      ...pauseProblems(step, path),
      ...triggerProblems(step, path, spoken),
      ...expectationProblems(step, path),
    );
    if (step.hang_up && index < scenario.steps.length - 1)
      problems.push({ path: ['steps', index + 1], message: 'expected no step after hang_up: the call is over' });
    if (step.hang_up && scenario.repeat > 1)
      problems.push({ path, message: 'expected no hang_up in steps that are repeated: the call would be over' });
    if (isTurn(step)) spoken = true;
  }
  for (const [index, expectation] of scenario.expect.entries()) {
    const path = ['expect', index];
    const found = callExpectationKeys.filter((key) => expectation[key] !== undefined);
    if (found.length !== 1) problems.push(exactlyOne(path, callExpectationKeys, found));
  }
  const { noise } = scenario.conditions;
  if (noise && (noise.kind === undefined) === (noise.file === undefined))
    problems.push({ path: ['conditions', 'noise'], message: 'expected either kind or file' });
  return problems;
}

function misplaced(step: ScenarioStep, path: readonly (string | number)[]): OrderProblem[] {
  const action = actionOf(step);
  return modifiers
    .filter(({ key, for: actions }) => step[key] !== undefined && !actions.includes(action))
    .map(({ key, for: actions }) => ({
      path: [...path, key],
      message: `expected ${key} only beside ${actions.join(' or ')}, not beside ${action}`,
    }));
}

function triggerProblems(step: ScenarioStep, path: readonly (string | number)[], spoken: boolean): OrderProblem[] {
  const problems: OrderProblem[] = [];
  const { send_after: trigger } = step;
  const waited = trigger?.event ?? step.wait_for?.event;
  const key = trigger ? 'send_after' : 'wait_for';
  if (waited?.startsWith('agent_') && !spoken)
    problems.push({
      path: [...path, key, 'event'],
      message: `expected something for the agent to answer before a step that waits for ${waited}: a turn of the caller, or agent.greeting`,
    });
  if (trigger && (trigger.event === 'agent_word') !== (trigger.word !== undefined))
    problems.push({
      path: [...path, key],
      message:
        trigger.event === 'agent_word'
          ? 'expected word: which word of the answer'
          : `expected word only beside event: ${triggerEvents[3]}`,
    });
  return problems;
}

function expectationProblems(step: ScenarioStep, at: readonly (string | number)[]): OrderProblem[] {
  const problems: OrderProblem[] = [];
  for (const [index, expectation] of (step.expect ?? []).entries()) {
    const path = [...at, 'expect', index];
    const found = stepExpectationKeys.filter((key) => expectation[key] !== undefined);
    if (found.length !== 1) {
      problems.push(exactlyOne(path, stepExpectationKeys, found));
      continue;
    }
    const { event, absent, text_contains: words, within_ms: within } = expectation;
    if (event === undefined && (absent || words || within !== undefined))
      problems.push({
        path,
        message: `expected within_ms, text_contains and absent only beside event, not ${found[0]}`,
      });
    if (absent && words) problems.push({ path, message: 'expected either absent or text_contains' });
    if (expectation.not_cut_off && !isTurn(step))
      problems.push({
        path,
        message: 'expected not_cut_off in a step in which the caller says something to the agent',
      });
    const over = expectation.agent_keeps_talking ? 'agent_keeps_talking' : 'agent_stops_within_ms';
    const isOver = expectation.agent_keeps_talking || expectation.agent_stops_within_ms !== undefined;
    if (isOver && !speaksOver(step))
      problems.push({
        path,
        message: `expected ${over} in a step that is heard over the agent: one with send_after agent_starts or agent_word, or backchannels`,
      });
  }
  return problems;
}

function speaksOver(step: ScenarioStep): boolean {
  const event = step.send_after?.event;
  return (
    step.backchannels !== undefined ||
    ((event === 'agent_starts' || event === 'agent_word') && (speaks(step) || step.dtmf !== undefined))
  );
}

function exactlyOne(
  path: readonly (string | number)[],
  keys: readonly string[],
  found: readonly string[],
): OrderProblem {
  return {
    path,
    message: `expected exactly one of ${keys.join(', ')}, found ${found.length === 0 ? 'none' : found.join(' and ')}`,
  };
}
