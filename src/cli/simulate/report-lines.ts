import { actionOf, type Scenario } from '../../testing/scenarios/scenario-schema.js';
import type { Verdict } from '../../testing/scenarios/verdict.js';

const longestQuote = 40;

/** A step as it is called in a report: its number, and the beginning of what it does. */
export function stepName(scenario: Scenario, index: number): string {
  const step = scenario.steps[index];
  if (!step) return `step ${index + 1}`;
  const action = actionOf(step);
  const value = step[action];
  const text = typeof value === 'string' || typeof value === 'number' ? ` ${shortened(String(value))}` : '';
  return `step ${index + 1} (${action}${text})`;
}

/** One line for each expectation: whether it was met, and what was seen. */
export function verdictLines(scenario: Scenario, verdicts: readonly Verdict[]): string[] {
  return verdicts.map(({ step, expected, met, seen }) => {
    const mark = met === undefined ? '-' : met ? 'met' : 'NOT MET';
    const where = step === undefined ? 'call' : stepName(scenario, step);
    return `  ${mark.padEnd(7)}  ${where}: ${expected} — ${seen}`;
  });
}

function shortened(text: string): string {
  const last = text.split('/').at(-1) ?? text;
  return `"${last.length > longestQuote ? `${last.slice(0, longestQuote)}…` : last}"`;
}
