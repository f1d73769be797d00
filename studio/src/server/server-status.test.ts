import { describe, expect, it } from 'vitest';
import { readStatus } from './server-status.js';

const model = {
  id: 'voice',
  job: 'text to speech',
  name: 'Voice',
  licence: 'MIT',
  bytes: 100,
  received_bytes: 40,
  state: 'downloading',
};

describe('the status of the server', () => {
  it('is read with its models', () => {
    expect(readStatus({ status: 'loading', loading: ['prompt'], key_required: true, models: [model] })).toEqual({
      kind: 'loading',
      steps: ['prompt'],
      keyRequired: true,
      keyRefused: false,
      models: [
        {
          id: 'voice',
          job: 'text to speech',
          name: 'Voice',
          licence: 'MIT',
          bytes: 100,
          receivedBytes: 40,
          state: 'downloading',
        },
      ],
    });
    expect(readStatus({ status: 'failed', reason: 'no disk' })).toMatchObject({ kind: 'failed', reason: 'no disk' });
  });

  it('is ready while an engine is being restarted, and not while the server is about to stop', () => {
    const expect_ = { responseLatencyMs: 900, concurrentCalls: 2 };
    expect(readStatus({ status: 'degraded', restarting: ['voice'], expect: expect_ })).toMatchObject({
      kind: 'ready',
      expect: expect_,
    });
    expect(readStatus({ status: 'ready', expect: { responseLatencyMs: 'fast' } })).toMatchObject({ expect: undefined });
    expect(readStatus({ status: 'draining' })).toMatchObject({ kind: 'draining' });
  });

  it('leaves out what it does not understand', () => {
    const strange = [null, 'voice', { ...model, state: 'dancing' }, { ...model, bytes: 'many' }];
    expect(readStatus({ status: 'ready', models: strange })).toMatchObject({
      kind: 'ready',
      keyRequired: false,
      models: [],
    });
    expect(readStatus({ status: 'new kind', loading: [1, 'voice'] })).toMatchObject({
      kind: 'loading',
      steps: ['voice'],
    });
    expect(readStatus('<html>')).toEqual({ kind: 'unreachable' });
  });
});
