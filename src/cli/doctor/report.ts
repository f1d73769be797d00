import type { CheckResult, CheckState } from './check-result.js';

/** What calls may expect here. */
export type Expected = {
  /** `server`: what a running one says; `measured`: with the engines started for it. */
  readonly from: 'server' | 'measured';
  readonly responseLatencyMs: number;
  readonly concurrentCalls: number;
};

const marks: Readonly<Record<CheckState, string>> = { ok: 'ok', note: 'note', broken: 'BROKEN' };

/** The report for a person: a line for each check, with what to do below it. */
export function reportText(results: readonly CheckResult[], expected: Expected | undefined): string {
  const markWidth = Math.max(...Object.values(marks).map(({ length }) => length));
  const nameWidth = Math.max(...results.map(({ name }) => name.length));
  const lines = results.flatMap(({ name, state, found, fix }) => {
    const line = `${marks[state].padEnd(markWidth)}  ${name.padEnd(nameWidth)}  ${found}`;
    return fix === undefined ? [line] : [line, `${' '.repeat(markWidth + nameWidth + 4)}→ ${fix}`];
  });
  return [...lines, '', ...verdict(results, expected)].join('\n');
}

function verdict(results: readonly CheckResult[], expected: Expected | undefined): string[] {
  const count = results.filter(({ state }) => state === 'broken').length;
  const expectation = expected ? [expectationText(expected)] : [];
  if (count > 0) return [...expectation, `${count === 1 ? 'One thing is' : `${count} things are`} broken.`];
  const next = expected?.from === 'server' ? 'parley chat' : 'parley start';
  return [...expectation, `Nothing is broken. Next: ${next}`];
}

function expectationText({ from, responseLatencyMs, concurrentCalls }: Expected): string {
  const seconds = (responseLatencyMs / 1000).toFixed(1);
  const calls = concurrentCalls === 1 ? 'one call at a time' : `${concurrentCalls} calls at a time`;
  const basis = from === 'server' ? 'as the server measured' : 'as measured now';
  return `Expect an answer about ${seconds} s after the caller's last word, and ${calls} (${basis}).`;
}
