import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParleyError } from '../audio/error.js';
import { readServerEvent } from './read-server-event.js';

describe('events of the server', () => {
  it('come back as they are when they are known', () => {
    const event = { type: 'response.output_audio.delta', response_id: 'r', item_id: 'i', delta: 'AAA=', event_id: 'e' };
    expect(readServerEvent(JSON.stringify(event))).toEqual(event);
  });

  it('come back as unknown when they are not, names of object properties included', () => {
    for (const name of ['rate_limits.updated', 'constructor', '__proto__', 'toString', 'unknown']) {
      expect(readServerEvent(JSON.stringify({ type: name, a: 1 }))).toMatchObject({ type: 'unknown', name });
    }
  });

  it.each([
    ['binary data', new Uint8Array(2), /binary/],
    ['a cut message', '{"type":"err', /not JSON/],
    ['a list', '[]', /not an event/],
    ['a type that is no text', '{"type":1}', /not an event/],
    ['a missing field', '{"type":"error","error":{}}', /error without error\.message/],
    ['a field of another kind', '{"type":"input_audio_buffer.committed","item_id":3}', /without item_id \(a string\)/],
  ])('are refused as a breach of protocol: %s', (_, message, expected) => {
    expect(() => readServerEvent(message)).toThrow(expected);
  });

  it('are quoted only in part when they are long', () => {
    expect(() => readServerEvent('x'.repeat(100_000))).toThrow(/x{120}… \(100000 characters\)/);
  });

  it('give a turn without its optional parts the shape that is promised', () => {
    const turn = {
      type: 'parley.turn',
      turn: 1,
      speech_end_audio_ms: 1,
      agent_onset_audio_ms: 1,
      response_latency_ms: 1,
      eou_delay_ms: 1,
      ready_ms: 1,
      transport_out_ms: 1,
      steps: { vad_silence_ms: 96, stt_final_ms: 'soon' },
    };
    expect(readServerEvent(JSON.stringify(turn))).toMatchObject({
      call_id: null,
      waited_because: '',
      opener: null,
      bridged: false,
      content_latency_ms: null,
      gap_within_reply_ms: 0,
      phrases: null,
      drafts: 0,
      tokens: null,
      steps: { vad_silence_ms: 96, stt_final_ms: null, first_clause_ms: null },
    });
  });

  it('of any content are read or refused, nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((value) => JSON.stringify({ type: 'error', error: value })),
        ),
        (message) => {
          try {
            expect(typeof readServerEvent(message).type).toBe('string');
          } catch (error) {
            expect(ParleyError.isInstance(error)).toBe(true);
          }
        },
      ),
    );
  });
});
