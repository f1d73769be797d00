import { describe, expect, it } from 'vitest';
import { readClientEvent } from './read-client-event.js';

const read = (value: unknown) => readClientEvent(Buffer.from(JSON.stringify(value)), false);
const update = (session: unknown) => read({ type: 'session.update', event_id: 'e1', session });

describe('reading client events', () => {
  it('takes fields that it does not know', () => {
    const session = {
      type: 'realtime',
      model: 'gpt-realtime',
      tracing: 'auto',
      future: { field: 1 },
      audio: { input: { noise_reduction: null }, output: { speed: 1 } },
    };
    expect(update(session)).toMatchObject({ event: { type: 'session.update' } });
  });

  it.each([
    [{ instructions: 5 }, 'session.instructions', 'invalid_type'],
    [{ instructions: 'x'.repeat(65_537) }, 'session.instructions', 'invalid_value'],
    [{ type: 'translation' }, 'session.type', 'invalid_value'],
    [{ output_modalities: ['video'] }, 'session.output_modalities.0', 'invalid_value'],
    [{ max_output_tokens: 0 }, 'session.max_output_tokens', 'invalid_value'],
    [{ audio: { input: { format: { type: 'audio/mp3' } } } }, 'session.audio.input.format.type', 'invalid_value'],
    [
      { audio: { input: { format: { type: 'audio/pcm', rate: 16_000 } } } },
      'session.audio.input.format.rate',
      'invalid_value',
    ],
    [{ audio: { output: { format: 'pcm16' } } }, 'session.audio.output.format', 'invalid_type'],
    [
      { audio: { input: { turn_detection: { type: 'server_vad', threshold: 2 } } } },
      'session.audio.input.turn_detection.threshold',
      'invalid_value',
    ],
    [
      { audio: { input: { turn_detection: { type: 'magic' } } } },
      'session.audio.input.turn_detection.type',
      'invalid_value',
    ],
    [
      { audio: { input: { turn_detection: {} } } },
      'session.audio.input.turn_detection.type',
      'missing_required_parameter',
    ],
    [{ parley: { greeting: true } }, 'session.parley.greeting', 'invalid_value'],
  ])('names the field that is wrong in %j', (session, param, code) => {
    expect(update(session)).toEqual({
      eventId: 'e1',
      problem: { code, param, message: expect.stringContaining(`session.update: ${param}: `) },
    });
  });

  it('names a field that is missing', () => {
    expect(read({ type: 'input_audio_buffer.append' })).toMatchObject({
      problem: { code: 'missing_required_parameter', param: 'audio' },
    });
    expect(read({ type: 'conversation.item.truncate', item_id: 'i', content_index: 0 })).toMatchObject({
      problem: { code: 'missing_required_parameter', param: 'audio_end_ms' },
    });
  });

  it.each(['[]', '"text"', '5', 'null', '{}', '{"type":5}', '', '{"type":', '\u0000'])('refuses %j', (text) => {
    expect(readClientEvent(Buffer.from(text), false)).toHaveProperty('problem');
  });

  it('knows an unknown event from a property of every object', () => {
    for (const type of ['response.dance', 'constructor', '__proto__', 'toString'])
      expect(read({ type, event_id: 'e2' })).toMatchObject({ eventId: 'e2', problem: { code: 'unknown_event' } });
  });

  it('refuses what is too deep or too manifold before it is parsed', () => {
    const deep = Buffer.from(`{"type":"session.update","session":${'['.repeat(1_000_000)}`);
    expect(readClientEvent(deep, false)).toMatchObject({ problem: { code: 'invalid_json' } });
    const wide = Buffer.from(`{"type":"response.create","response":[${'[],'.repeat(1_000_000)}[]]}`);
    expect(readClientEvent(wide, false)).toMatchObject({ problem: { code: 'invalid_json' } });
  });

  it('refuses metadata that is too long to be given back with every event', () => {
    const metadata = { note: 'x'.repeat(20_000) };
    expect(read({ type: 'response.create', response: { metadata } })).toMatchObject({
      problem: { code: 'invalid_value', param: 'response.metadata.note' },
    });
  });
});
