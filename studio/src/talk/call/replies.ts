import type { ClientEvent } from '../../../../src/client/client-events.js';
import { base64ToSamples } from '../../../../src/client/pcm.js';
import type { ResponseView, ServerEvent } from '../../../../src/client/server-events.js';
import type { Speaker } from '../audio/speaker.js';
import type { CallObserver } from './call-types.js';

/** Cancelled responses are remembered so that audio still on its way is dropped; more cannot be under way. */
const maxRememberedResponses = 20;

/** The server began a reply of its own before it read that we asked for one. */
export const activeResponseError = 'conversation_already_has_active_response';

export type RepliesOptions = {
  readonly speaker: Speaker;
  readonly send: (event: ClientEvent) => void;
  readonly on: Pick<CallObserver, 'onAgentClause' | 'onInterrupted' | 'onWarning'>;
  /** Whether a reply is awaited or comes in. */
  readonly onPending: (pending: boolean) => void;
};

export type Replies = {
  readonly running: boolean;
  readonly truncations: readonly { readonly itemId: string; readonly heardMs: number }[];
  handle(event: ServerEvent): void;
  /** Stops what the agent says, here and at the server. */
  interrupt(): void;
  /** Sends what `prepare` gives and asks for a reply, as soon as no other is under way. */
  ask(prepare: readonly ClientEvent[]): void;
};

/** The agent's replies: played as they come, cut where they are interrupted, asked for where the server waits for it. */
export function createReplies({ speaker, send, on, onPending }: RepliesOptions): Replies {
  const cancelled = new Set<string>();
  const truncations: { readonly itemId: string; readonly heardMs: number }[] = [];
  /** The response under way, and its item once it has one. */
  let activeId: string | undefined;
  let activeItemId: string | undefined;
  /** Where the last audio belongs. */
  let playing: { readonly responseId: string; readonly itemId: string } | undefined;
  let waiting: ClientEvent[] | undefined;

  const cancel = (responseId: string): void => {
    cancelled.add(responseId);
    for (const oldest of cancelled) {
      if (cancelled.size <= maxRememberedResponses) break;
      cancelled.delete(oldest);
    }
  };

  async function stopPlaying(responseId: string): Promise<void> {
    cancel(responseId);
    if (playing?.responseId !== responseId) return;
    const { itemId } = playing;
    playing = undefined;
    await speaker.flush();
    const heardMs = speaker.heardMs(itemId);
    if (heardMs === undefined) return;
    truncations.push({ itemId, heardMs });
    if (truncations.length > maxRememberedResponses) truncations.shift();
    send({ type: 'conversation.item.truncate', item_id: itemId, content_index: 0, audio_end_ms: heardMs });
  }

  function finished(response: ResponseView): void {
    const itemId = activeItemId;
    if (activeId === response.id) activeId = undefined;
    onPending(false);
    if (response.status === 'cancelled') {
      if (itemId !== undefined) on.onInterrupted(itemId, heardOf(response));
      void stopPlaying(response.id);
    }
    if (response.status === 'failed') on.onWarning(response.status_details?.error?.message ?? 'A reply failed.');
    if (waiting === undefined) return;
    const events = waiting;
    waiting = undefined;
    askNow(events);
  }

  function askNow(events: readonly ClientEvent[]): void {
    for (const event of events) send(event);
    send({ type: 'response.create' });
    onPending(true);
  }

  const interrupt = (): void => {
    if (activeId !== undefined) send({ type: 'response.cancel', response_id: activeId });
    // What was played to its end was heard: there is nothing to cut.
    if (playing !== undefined && (speaker.playing || playing.responseId === activeId)) {
      void stopPlaying(playing.responseId);
    }
  };

  return {
    truncations,
    get running() {
      return activeId !== undefined;
    },
    handle(event) {
      switch (event.type) {
        case 'response.created':
          activeId = event.response.id;
          activeItemId = undefined;
          onPending(true);
          return;
        case 'response.output_audio.delta': {
          if (cancelled.has(event.response_id)) return;
          activeItemId = event.item_id;
          playing = { responseId: event.response_id, itemId: event.item_id };
          const samples = base64ToSamples(event.delta);
          if (samples !== undefined) speaker.enqueue(event.item_id, samples);
          return;
        }
        case 'response.output_audio_transcript.delta':
          if (!cancelled.has(event.response_id)) on.onAgentClause(event.item_id, event.delta);
          return;
        case 'response.done':
          finished(event.response);
          return;
        case 'error':
          if (event.error.code !== activeResponseError) return;
          // What was to be answered is said by now: only the asking is left, once that reply is stopped.
          if (activeId === undefined) askNow([]);
          else {
            waiting ??= [];
            interrupt();
          }
          return;
      }
    },
    interrupt,
    ask(prepare) {
      if (activeId === undefined) {
        interrupt();
        askNow(prepare);
        return;
      }
      waiting = [...(waiting ?? []), ...prepare];
      interrupt();
    },
  };
}

/** The words that the server believes were heard of a reply that was stopped. */
function heardOf({ output }: ResponseView): string | undefined {
  const transcript: unknown = output?.[0]?.content?.[0]?.transcript;
  return typeof transcript === 'string' ? transcript : undefined;
}
