import { describe } from '../../src/analyser/statistics.js';
import { intervalText, rounded } from '../call/figures.js';
import type { BenchResult, Row } from '../support/report.js';
import type { MeasuredReply, TypesReport } from './types-job.js';

type TypeReport = TypesReport['types'][number];

export function typesReport({ types }: TypesReport, seed: number): BenchResult {
  const [managed] = types;
  return {
    title: `API types: the same recorded turns, spoken at real time to each way of having a conversation; seed ${seed}`,
    rows: types.map((type) => latencyRow(type, managed)),
    more: [{ title: 'On the way: ms from the end of speech, P50 (n)', rows: types.map(stepRow) }],
    notes: [
      'response_latency: from the end of the caller’s speech, by label, to the first audible sample at the client. Hop tax: the same turn in this type and with the managed agent, one less the other. A turn that was answered before it was over is in no latency.',
      'All three have the agent’s instructions; the modules and the managed agent have its examples too, the modules as part of the instructions. The client of the modules has nothing of its own between them: it asks when it knows, and speaks clause by clause.',
      ...types.flatMap(({ name, failures }) => [...new Set(failures)].map((reason) => `${name}: ${reason}`)),
    ],
    details: types,
  };
}

function timed({ cutOff, responseMs }: MeasuredReply): number | undefined {
  return cutOff || responseMs === null ? undefined : responseMs;
}

function latencyRow(type: TypeReport, managed: TypeReport | undefined): Row {
  const replies = type.conversations.flat();
  const latency = describe(type.conversations.map((each) => each.flatMap((reply) => timed(reply) ?? [])));
  const tax = describe(
    type.conversations.map((each, conversation) =>
      each.flatMap((reply, turn) => {
        const own = timed(reply);
        const other = managed?.conversations[conversation]?.[turn];
        const others = other && timed(other);
        return own === undefined || others === undefined ? [] : own - others;
      }),
    ),
  );
  const first = describe([replies.filter(({ turn }) => turn === 1).flatMap((reply) => timed(reply) ?? [])]);
  return {
    'API type': type.name,
    turns: replies.length,
    n: latency.n,
    'response_latency P50 ms': rounded(latency.p50),
    'P50 95 % CI': intervalText(latency.p50Ci95),
    'P95 ms': rounded(latency.p95),
    'first turn P50 ms': rounded(first.p50),
    'hop tax P50 ms': type === managed ? '–' : rounded(tax.p50),
    'hop tax 95 % CI': type === managed ? '–' : intervalText(tax.p50Ci95),
    'cut off': replies.filter(({ cutOff }) => cutOff).length,
    'no answer': replies.filter(({ responseMs }) => responseMs === null).length,
  };
}

function stepRow({ name, conversations }: TypeReport): Row {
  const replies = conversations.flat().filter((reply) => timed(reply) !== undefined);
  const names = [...new Set(replies.flatMap(({ marks }) => Object.keys(marks)))];
  const cells = names.map((step): [string, string] => {
    const { n, p50 } = describe([replies.flatMap(({ marks }) => marks[step] ?? [])]);
    return [step, `${rounded(p50)} (${n})`];
  });
  return { 'API type': name, ...Object.fromEntries(cells) };
}
