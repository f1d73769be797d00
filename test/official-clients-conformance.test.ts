import { beforeAll, describe, expect, it } from 'vitest';
import type { Outcomes } from '../conformance/case.js';
import { clients } from '../conformance/clients.js';
import { runConformance } from '../conformance/run-conformance.js';
import { skipNotice } from './fixtures/recordings.js';

let made: Outcomes;

beforeAll(async () => {
  made = await runConformance({ engines: 'scripted', fetching: false });
  for (const { client, unavailable } of made.skipped)
    skipNotice(clients.find(({ name }) => name === client)?.cases.length ?? 0, `${client}: ${unavailable}`);
}, 300_000);

describe.each(clients)('$name against a server that was started for it', ({ name, cases }) => {
  it.for(cases.map((each) => each.name))('%s', (call, { skip }) => {
    if (made.skipped.some(({ client }) => client === name)) skip();
    const outcome = made.outcomes.find((each) => each.client === name && each.call === call);
    expect(outcome).toMatchObject({ passed: true });
  });
});
