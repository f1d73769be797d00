import { afterEach, describe, expect, it } from 'vitest';
import { type Client, type Fixture, pcm, type ScriptedCall, startRealtime } from './realtime-fixture.js';

let fixture: Fixture;
let client: Client;
let call: ScriptedCall;
afterEach(() => fixture.close());

async function start(session: object = {}, query = '?intent=transcription'): Promise<void> {
  fixture = await startRealtime();
  client = await fixture.connect({ query });
  client.send({ type: 'session.update', session });
  client.send({ type: 'input_audio_buffer.append', audio: pcm(100) });
  call = await fixture.call();
  await client.next('session.updated');
}

describe('a session for transcription', () => {
  it('is opened by its intent, or by its type, and takes up nobody who answers', async () => {
    for (const [session, query] of [
      [{ audio: { input: { transcription: { model: 'whisper-1', language: 'en' } } } }, '?intent=transcription'],
      [{ type: 'transcription' }, '?model=parley'],
    ] as const) {
      await start(session, query);
      expect(call.facts).toMatchObject({
        transcribeOnly: true,
        turn: { respond: false, talk: { prompts: { most: 0 } } },
      });
      await fixture.close();
    }
    await start({ type: 'transcription', audio: { input: { transcription: { model: 'whisper-1', language: 'en' } } } });
    client.send({ type: 'session.update', session: {} });
    const { session } = await client.next('session.updated');
    expect(session).toMatchObject({
      type: 'transcription',
      object: 'realtime.transcription_session',
      audio: { input: { transcription: { model: 'whisper-1', language: 'en' }, format: { rate: 24_000 } } },
    });
    expect(session).not.toHaveProperty('instructions');
  });

  it('tells words while they are said, as soon as they stay, and all of them in the end', async () => {
    await start();
    client.events.length = 0;
    call.emit({ type: 'speech-started', turn: 1, startMs: 100 });
    call.emit({ type: 'partial', turn: 1, text: 'two large', stableWords: 0 });
    call.emit({ type: 'partial', turn: 1, text: 'two large teas', stableWords: 2 });
    call.emit({ type: 'partial', turn: 1, text: 'two large teas and', stableWords: 3 });
    call.emit({ type: 'turn-committed', turn: 1, text: 'two large teas and milk', endMs: 2_100, reply: undefined });
    const completed = await client.next('conversation.item.input_audio_transcription.completed');
    expect(completed).toMatchObject({ transcript: 'two large teas and milk', usage: { type: 'duration', seconds: 2 } });
    const deltas = client.events.filter(({ type }) => type === 'conversation.item.input_audio_transcription.delta');
    expect(deltas.map(({ delta }) => delta)).toEqual(['two large', ' teas', ' and milk']);
    expect(new Set(deltas.map(({ item_id }) => item_id))).toEqual(new Set([completed.item_id]));
    expect(client.types().filter((type) => type.startsWith('input_audio_buffer'))).toEqual([
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
    ]);
  });

  it('has the last word of the transcript where a word that was told is another in the end', async () => {
    await start();
    call.emit({ type: 'speech-started', turn: 1, startMs: 100 });
    call.emit({ type: 'partial', turn: 1, text: 'to large teas', stableWords: 2 });
    call.emit({ type: 'turn-committed', turn: 1, text: 'two large teas', endMs: 2_100, reply: undefined });
    expect(await client.next('conversation.item.input_audio_transcription.completed')).toMatchObject({
      transcript: 'two large teas',
    });
    expect(client.events.filter(({ type }) => type.endsWith('transcription.delta'))).toHaveLength(1);
  });

  it('answers nothing: a response is refused, and nothing that is said at the end of a call is told', async () => {
    await start();
    client.send({ type: 'response.create', event_id: 'r1' });
    expect(await client.next('error')).toMatchObject({ error: { code: 'parley.not_supported', event_id: 'r1' } });
    call.emit({ type: 'reply-started', reply: 0, turn: undefined, phrase: 'goodbye' });
    call.emit({ type: 'reply-finished', reply: 0, status: 'completed', heard: '', heardBasis: 'estimated' });
    await client.settle();
    expect(client.types().filter((type) => type.startsWith('response'))).toEqual([]);
  });

  it('stays one once it has begun', async () => {
    await start();
    client.send({ type: 'session.update', event_id: 'u2', session: { type: 'realtime' } });
    expect(await client.next('error')).toMatchObject({ error: { param: 'session.type', event_id: 'u2' } });
  });
});

describe('an idle timeout', () => {
  const detection = { type: 'server_vad', idle_timeout_ms: 1_000 };

  it('commits the silence behind a reply, and asks the agent to go on', async () => {
    await start({ audio: { input: { turn_detection: detection } } }, '?model=parley');
    expect(call.facts.turn).toMatchObject({ talk: { prompts: { most: 0 } } });
    call.emit({ type: 'reply-started', reply: 0, turn: 1 });
    call.emit({ type: 'reply-finished', reply: 0, status: 'completed', heard: 'Hi.', heardBasis: 'estimated' });
    const triggered = await client.next('input_audio_buffer.timeout_triggered');
    expect(await client.next('input_audio_buffer.committed')).toMatchObject({ item_id: triggered.item_id });
    expect(triggered.audio_end_ms).toBeGreaterThanOrEqual(triggered.audio_start_ms as number);
    await client.settle();
    expect(call.asked.map(([name]) => name)).toEqual(['addMessage', 'respond']);
  });

  it('is over when the caller speaks', async () => {
    await start({ audio: { input: { turn_detection: detection } } }, '?model=parley');
    call.emit({ type: 'reply-finished', reply: 0, status: 'completed', heard: 'Hi.', heardBasis: 'estimated' });
    call.emit({ type: 'speech-started', turn: 1, startMs: 100 });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await client.settle();
    expect(client.types()).not.toContain('input_audio_buffer.timeout_triggered');
  });
});

describe('a flush', () => {
  it('is answered behind the transcript of what was committed before it, and at once when there is nothing', async () => {
    await start();
    client.send({ type: 'parley.input_audio.flush' });
    await client.next('parley.input_audio.flushed');
    client.events.length = 0;
    client.send({ type: 'input_audio_buffer.commit' });
    client.send({ type: 'parley.input_audio.flush' });
    await client.settle();
    expect(client.types()).not.toContain('parley.input_audio.flushed');
    call.emit({ type: 'turn-committed', turn: 1, text: 'one tea', endMs: 100, reply: undefined });
    await client.next('parley.input_audio.flushed');
    const types = client.types();
    expect(types.indexOf('conversation.item.input_audio_transcription.completed')).toBeLessThan(
      types.indexOf('parley.input_audio.flushed'),
    );
  });
});
