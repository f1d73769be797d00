import { nodeSockets } from '../../src/client/node-socket.js';
import { base64ToSamples } from '../../src/client/pcm.js';
import { connectRealtime } from '../../src/client/realtime-client.js';
import type { ServerEvent } from '../../src/client/server-events.js';
import type { ApiType, Turn } from './conversation.js';

/** One realtime session: the server hears, answers and speaks. */
export const managedAgent: ApiType = {
  name: 'managed agent (/v1/realtime)',
  async open(host) {
    let turn: Turn | undefined;
    const read = (event: ServerEvent): void => {
      if (event.type === 'response.output_audio.delta')
        turn?.heard.add(base64ToSamples(event.delta) ?? new Float32Array(), performance.now());
      else if (event.type === 'response.done' && event.response.status === 'completed') turn?.answered();
      else if (event.type === 'parley.turn') {
        turn?.marks.set('eou_delay', event.eou_delay_ms);
        turn?.marks.set('ready', event.ready_ms);
        turn?.marks.set('transport_out', event.transport_out_ms);
        if (event.content_latency_ms !== null) turn?.marks.set('content', event.content_latency_ms);
      }
    };
    const client = await connectRealtime({
      url: `ws://${host}/v1/realtime?model=parley`,
      openSocket: nodeSockets(),
      onEvent: read,
    });
    client.send({
      type: 'session.update',
      session: { type: 'realtime', parley: { greeting: false, turn_metrics: true } },
    });
    return {
      send: (audio) => client.send({ type: 'input_audio_buffer.append', audio }),
      begin(next) {
        turn = next;
      },
      close: () => client.close(),
    };
  },
};
