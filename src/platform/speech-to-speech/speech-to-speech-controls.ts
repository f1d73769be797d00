import type { MessageWritten, ToolAnswered } from '../../conversation/event-log.js';
import type { SessionControls } from '../../conversation/session-controls.js';
import { ParleyError } from '../../ports/errors.js';
import type { SpeechToSpeechInput } from '../../ports/speech-to-speech.js';

/** What the controls of a call that a realtime model holds act on. */
type CallParts = {
  readonly push: (input: SpeechToSpeechInput) => void;
  readonly note: (note: MessageWritten | ToolAnswered) => void;
  readonly cancel: () => void;
  readonly truncate: SessionControls['truncate'];
  readonly sentMs: (reply: number) => number;
  readonly setMuted: (muted: boolean) => void;
  readonly hangUp: (reason: string) => void;
};

/** What may be asked of such a call. What cannot be done throws `speech_to_speech.not_supported`. */
export function speechToSpeechControls({
  push,
  note,
  cancel,
  truncate,
  sentMs,
  setMuted,
  hangUp,
}: CallParts): SessionControls {
  const refuse = (what: string) => (): never => {
    throw new ParleyError(`${what} cannot be done while a realtime model holds the call.`, {
      code: 'speech_to_speech.not_supported',
      status: 400,
    });
  };
  return {
    // It finds the end of turns in a way of its own.
    configure: () => {},
    commitInput: () => push({ type: 'commit' }),
    clearInput: () => {},
    respond: () => push({ type: 'respond' }),
    cancelReply: cancel,
    truncate,
    sentMs,
    addMessage: (message) => {
      note({ type: 'message-written', ...message });
      push({ type: 'text', text: message.text, respond: false });
    },
    addCall: refuse('Noting a call down'),
    addResult: (result) => {
      note({ type: 'tool-answered', ...result });
      push({ type: 'tool-result', call: result.callId, output: result.output, respond: false });
    },
    setTools: ({ tools }) =>
      push({
        type: 'tools',
        tools: tools.map((tool) => ({ ...tool, parameters: tool.parameters as Readonly<Record<string, unknown>> })),
      }),
    aside: refuse('Answering beside the conversation'),
    transcribe: refuse('Transcribing a message'),
    forget: refuse('Forgetting an item'),
    setInstructions: refuse('Changing the instructions'),
    limitReply: () => {},
    setWritten: refuse('Writing'),
    setMuted,
    expect: () => {},
    setReachable: () => {},
    hangUp,
  };
}
