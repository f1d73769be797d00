import type { ParleyTurnEvent, ServerEvent } from '../../client/server-events.js';
import type { CallResult, CallTurn, CallUpdate, DialogueLine } from './call-result.js';
import type { CallerClip } from './clip.js';
import type { FloorTurn } from './floor.js';

const mostServerErrors = 100;
const mostLines = 10_000;

type TurnTexts = { transcript: string; reply: string; readonly marks: ParleyTurnEvent[] };

/** Writes down what was said, and to which turn of the caller it belongs. */
export type CallLog = Pick<CallResult, 'dialogue' | 'serverErrors'> & {
  /** @param turnIndex the current turn of the caller, -1 before the first */
  read(event: ServerEvent, atMs: number, turnIndex: number): void;
  turn(turn: FloorTurn, clip: CallerClip): CallTurn;
};

export function createCallLog(onUpdate: (update: CallUpdate) => void): CallLog {
  const dialogue: DialogueLine[] = [];
  const serverErrors: string[] = [];
  const texts = new Map<number, TurnTexts>();
  /** Replies whose line is not complete. */
  const speaking = new Map<string, { readonly turnIndex: number; text: string }>();

  const textsOf = (index: number): TurnTexts => {
    const existing = texts.get(index) ?? { transcript: '', reply: '', marks: [] };
    texts.set(index, existing);
    return existing;
  };
  const say = (who: DialogueLine['who'], text: string, atMs: number, interrupted = false): void => {
    if (text === '' || dialogue.length >= mostLines) return;
    const line = { atMs: Math.round(atMs), who, text, interrupted };
    dialogue.push(line);
    onUpdate({ type: 'line', line });
  };
  const complain = (message: string): void => {
    if (serverErrors.length >= mostServerErrors) return;
    serverErrors.push(message);
    onUpdate({ type: 'server-error', message });
  };

  return {
    dialogue,
    serverErrors,
    read(event, atMs, turnIndex) {
      switch (event.type) {
        case 'conversation.item.input_audio_transcription.completed': {
          const text = event.transcript.trim();
          const own = textsOf(turnIndex);
          own.transcript = joined(own.transcript, text);
          say('caller', text, atMs);
          return;
        }
        case 'conversation.item.input_audio_transcription.failed':
          complain(`The transcription failed: ${event.error.message ?? 'the server gives no reason'}`);
          return;
        case 'response.created':
          speaking.set(event.response.id, { turnIndex, text: '' });
          return;
        case 'response.output_audio_transcript.delta': {
          const reply = speaking.get(event.response_id) ?? { turnIndex, text: '' };
          reply.text += event.delta;
          speaking.set(event.response_id, reply);
          return;
        }
        case 'response.done': {
          const { id, status, status_details: details } = event.response;
          const reply = speaking.get(id);
          speaking.delete(id);
          const text = reply?.text.replace(/\s+/g, ' ').trim() ?? '';
          const own = textsOf(reply?.turnIndex ?? turnIndex);
          own.reply = joined(own.reply, text);
          say('agent', text, atMs, status === 'cancelled');
          if (status === 'failed')
            complain(`A reply failed: ${details?.error?.message ?? 'the server gives no reason'}`);
          return;
        }
        case 'parley.turn':
          textsOf(speaking.get(event.response_id)?.turnIndex ?? turnIndex).marks.push(event);
          return;
        case 'error':
          complain(event.error.message);
          return;
        default:
          return;
      }
    },
    turn(turn, clip) {
      const endMs = turn.startMs + clip.speech.endMs;
      return {
        turn: turn.index + 1,
        file: clip.file,
        fileStartMs: turn.startMs,
        startMs: turn.startMs + clip.speech.startMs,
        endMs,
        speechFrom: clip.speechFrom,
        cutMs: turn.cutMs,
        outcome: turn.outcome,
        cutOff: turn.cutOff,
        agentOnsetMs: turn.onsetMs,
        responseLatencyMs: turn.onsetMs === null ? null : turn.onsetMs - endMs,
        ...(texts.get(turn.index) ?? { transcript: '', reply: '', marks: [] }),
      };
    },
  };
}

function joined(left: string, right: string): string {
  return left === '' || right === '' ? left + right : `${left} ${right}`;
}
