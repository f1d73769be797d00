import type { Outcome, Outcomes, Skipped } from './case.js';
import { clients as allClients } from './clients.js';
import type { EngineKind } from './server.js';

export type ConformanceReport = {
  readonly engines: EngineKind;
  readonly clients: readonly {
    readonly client: string;
    readonly version: string;
    readonly tried: number;
    readonly passed: number;
    readonly calls: readonly Outcome[];
  }[];
  readonly skipped: readonly Skipped[];
};

export function reportOf(engines: EngineKind, { outcomes, skipped }: Outcomes): ConformanceReport {
  const names = [...new Set(outcomes.map(({ client }) => client))];
  return {
    engines,
    clients: names.map((client) => {
      const calls = outcomes.filter((each) => each.client === client);
      const passed = calls.filter((each) => each.passed).length;
      return { client, version: calls[0]?.version ?? '', tried: calls.length, passed, calls };
    }),
    skipped,
  };
}

/** In Markdown: a line for each client, then what did not pass and why. */
export function tableOf({ engines, clients, skipped }: ConformanceReport): string {
  const rows = [
    ...clients.map(({ client, version, tried, passed }) => [client, version, String(tried), String(passed)]),
    ...skipped.map(({ client, unavailable }) => [client, `not tried: ${unavailable}`, '–', '–']),
  ];
  const failed = clients.flatMap(({ calls }) => calls.flatMap((call) => (call.passed ? [] : [call])));
  const broken = allClients
    .filter(({ name }) => clients.some(({ client }) => client === name))
    .flatMap(({ name, broken = {} }) => Object.entries(broken).map(([call, why]) => `- ${name}: ${call}: ${why}`));
  return [
    `Official clients against this server, ${engines} engines`,
    '',
    '| client | version | calls tried | passed |',
    '| --- | --- | --- | --- |',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    ...(failed.length === 0 ? [] : ['', 'Did not pass:']),
    ...failed.map(({ client, call, reason }) => `- ${client}: ${call}: ${reason}`),
    ...(broken.length === 0 ? [] : ['', 'Not tried, because the client itself cannot do it:', ...broken]),
  ].join('\n');
}
