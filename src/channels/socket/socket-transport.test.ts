import { describe, expect, it, vi } from 'vitest';
import { createSocketTransport } from './socket-transport.js';

function open() {
  const onAudio = vi.fn();
  const onHangUp = vi.fn();
  const transport = createSocketTransport({
    inputRateHz: 8_000,
    outputRateHz: 24_000,
    maxQueuedMs: 1_000,
    onAudio,
    onHangUp,
  });
  return { transport, onAudio, onHangUp };
}

const frame = { samples: new Float32Array(480), rateHz: 24_000 };

describe('the socket transport', () => {
  it('hands audio on with its tag and promises nothing about its playing', () => {
    const { transport, onAudio } = open();
    transport.send(frame, { reply: 3 });
    expect(onAudio).toHaveBeenCalledWith(frame, { reply: 3 });
    expect(transport.playout).toMatchObject({ ack: 'none', leadMs: 80 });
    expect(() => transport.playout.clear()).not.toThrow();
  });

  it('ends the input when the call hangs up, once, and sends nothing any more', async () => {
    const { transport, onAudio, onHangUp } = open();
    transport.push(new Float32Array(800));
    transport.hangUp('goodbye');
    transport.hangUp('again');
    transport.send(frame, { reply: 0 });
    expect(onHangUp.mock.calls).toEqual([['goodbye']]);
    expect(onAudio).not.toHaveBeenCalled();
    const inputs = [];
    for await (const input of transport.input) inputs.push(input);
    expect(inputs).toEqual([{ type: 'closed', reason: 'goodbye' }]);
  });

  it('hangs up nothing when the far end has gone by itself', () => {
    const { transport, onHangUp } = open();
    transport.end('left');
    transport.hangUp('goodbye');
    expect(onHangUp).not.toHaveBeenCalled();
  });

  it('counts the audio that was read', async () => {
    const { transport } = open();
    transport.push(new Float32Array(1_600));
    expect(transport.takenMs).toBe(0);
    const reading = transport.input[Symbol.asyncIterator]();
    await reading.next();
    expect(transport.takenMs).toBe(100);
    await reading.return?.();
  });
});
