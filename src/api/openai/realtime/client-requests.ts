import { durationMs } from '../../../audio/frame.js';
import { closeCodes } from '../../../channels/socket/bounded-socket.js';
import { decodeAudio, rateOf } from './audio-format.js';
import type { CallLink } from './call-link.js';
import type { ClientEvent, ClientEventOf } from './client-events.js';
import type { ConversationItems } from './conversation-items.js';
import {
  configuresCall,
  type EffectiveSession,
  keepFixed,
  type SessionDefaults,
  updateSession,
} from './effective-session.js';
import type { EventWriter, Problem } from './event-writer.js';
import { heldRefusal, heldUpdate } from './held-sessions.js';
import type { NewId } from './ids.js';
import { InputBuffer, smallestCommitMs } from './input-buffer.js';
import { ItemRequests } from './item-requests.js';
import { messageLimits } from './limits.js';
import { type ResponseRequests, toolboxOf } from './response-requests.js';
import { sessionProblems } from './session-problems.js';
import { defaultTurnDetection, transcriptionTurns, turnSettingsOf } from './turn-detection.js';

export type ClientRequestsOptions = {
  readonly events: EventWriter;
  readonly items: ConversationItems;
  readonly newId: NewId;
  readonly link: CallLink;
  readonly responses: ResponseRequests;
  readonly defaults: SessionDefaults;
  /** The realtime model that holds the call; undefined where the agent does. */
  readonly heldBy: string | undefined;
  readonly session: () => EffectiveSession;
  /** Puts a session into effect and says so. */
  readonly configure: (session: EffectiveSession) => void;
  /** Begins the call, unless it has begun. */
  readonly beginCall: () => void;
  readonly close: (code: number, reason: string) => void;
};

/** Carries out what a client asks for. Whatever is wrong is answered with an `error`; the session goes on. */
export class ClientRequests {
  readonly #options: ClientRequestsOptions;
  readonly #buffer = new InputBuffer();
  readonly #items: ItemRequests;

  constructor(options: ClientRequestsOptions) {
    this.#options = options;
    this.#items = new ItemRequests(options);
  }

  handle(event: ClientEvent): void {
    // An update may say what the call is to be; anything else takes it as it is.
    if (event.type !== 'session.update') this.#options.beginCall();
    const { heldBy, items } = this.#options;
    const refused = heldBy === undefined ? undefined : heldRefusal(event, heldBy, items.lastId);
    const problem = refused ?? this.#carryOut(event);
    if (problem) this.#options.events.error(problem, event.event_id);
  }

  /** A turn was committed or dropped: its audio is no longer in the buffer. */
  turnSettled(): void {
    const { link } = this.#options;
    this.#buffer.heard(link.heardMs);
    link.turnSettled();
  }

  #carryOut(event: ClientEvent): Problem | undefined {
    switch (event.type) {
      case 'session.update':
        return this.#updateSession(event);
      case 'input_audio_buffer.append':
        return this.#append(event);
      case 'input_audio_buffer.commit':
        return this.#commit();
      case 'input_audio_buffer.clear':
        return this.#clear();
      case 'conversation.item.create':
        return this.#items.create(event);
      case 'conversation.item.retrieve':
        return this.#items.retrieve(event);
      case 'conversation.item.delete':
        return this.#items.delete(event);
      case 'conversation.item.truncate':
        return this.#items.truncate(event);
      case 'response.create':
        return this.#options.responses.create(event);
      case 'response.cancel':
        return this.#options.responses.cancel(event);
      case 'parley.input_audio.mute':
        return this.#mute(true);
      case 'parley.input_audio.flush':
        return this.#flush();
      case 'parley.input_audio.unmute':
        return this.#mute(false);
      case 'parley.dtmf.press':
        for (const key of event.keys) this.#options.link.press(key);
        return;
      case 'parley.expect':
        this.#options.link.askAfterAudio((controls) => controls.expect(event.answer));
        return;
      case 'output_audio_buffer.clear':
        return notSupported(
          'type',
          'Over a WebSocket the client holds the audio it plays: drop it, and send response.cancel and conversation.item.truncate',
        );
    }
  }

  #updateSession({ session: asked, event_id }: ClientEventOf<'session.update'>): Problem | undefined {
    const { link, events, session, defaults, configure, beginCall, heldBy } = this.#options;
    const { update, problems: refused } =
      heldBy === undefined ? { update: asked, problems: [] } : heldUpdate(asked, heldBy);
    const before = session();
    const wanted = updateSession(before, update, defaults);
    const { session: after, problems } = link.begun
      ? keepFixed(before, wanted, defaults, { held: heldBy !== undefined })
      : { session: wanted, problems: [] };
    configure(after);
    for (const problem of [...sessionProblems(update), ...refused, ...problems]) events.error(problem, event_id);
    if (!link.begun) {
      if (configuresCall(asked)) beginCall();
      return;
    }
    const { instructions, turnDetection = defaultTurnDetection, kind } = after;
    if (after.turnDetection !== before.turnDetection)
      link.askAfterAudio((controls) =>
        controls.configure(
          kind === 'transcription'
            ? transcriptionTurns(turnDetection, defaults.turns)
            : turnSettingsOf(turnDetection, defaults.turns),
        ),
      );
    if (after.modality !== before.modality) link.ask((controls) => controls.setWritten(after.modality === 'text'));
    if (instructions !== undefined && instructions !== before.instructions)
      link.ask((controls) => controls.setInstructions(instructions));
    if (after.tools !== before.tools || after.toolChoice !== before.toolChoice)
      link.ask((controls) => controls.setTools(toolboxOf(after)));
    const { maxOutputTokens } = after;
    if (maxOutputTokens !== before.maxOutputTokens) link.ask((controls) => controls.limitReply(maxOutputTokens));
  }

  #append({ audio, event_id }: ClientEventOf<'input_audio_buffer.append'>): Problem | undefined {
    const { link, session, events, close } = this.#options;
    const { inputFormat } = session();
    const samples = decodeAudio(audio, inputFormat);
    if ('problem' in samples) return { code: 'invalid_audio', message: samples.problem, param: 'audio' };
    const lengthMs = durationMs(samples.length, rateOf(inputFormat));
    if (lengthMs > messageLimits.maxAppendMs)
      return {
        code: 'invalid_audio',
        message: `One event may carry ${messageLimits.maxAppendMs} ms of audio, not ${Math.ceil(lengthMs)} ms; send it in several.`,
        param: 'audio',
      };
    if (link.push(samples)) {
      this.#buffer.append(samples.length, rateOf(inputFormat));
      return;
    }
    const message = 'Audio arrives so much faster than it can be heard that the queue is full; send it more slowly.';
    events.error({ code: 'input_audio_queue_full', message, param: 'audio' }, event_id);
    close(closeCodes.tooBig, 'the queue of input audio is full');
  }

  #commit(): Problem | undefined {
    const { lengthMs } = this.#buffer;
    if (lengthMs < smallestCommitMs)
      return {
        code: 'input_audio_buffer_commit_empty',
        message: `There are ${Math.floor(lengthMs)} ms of audio to commit; append at least ${smallestCommitMs} ms first.`,
      };
    this.#buffer.clear();
    this.#options.link.commit();
  }

  #mute(muted: boolean): undefined {
    const { link, events } = this.#options;
    link.askAfterAudio((controls) => controls.setMuted(muted));
    events.write(`parley.input_audio.${muted ? 'muted' : 'unmuted'}`, {});
  }

  #flush(): undefined {
    const { link, events } = this.#options;
    link.askAfterAudio(() => events.write('parley.input_audio.flushed', {}));
  }

  #clear(): undefined {
    const { link, events } = this.#options;
    this.#buffer.clear();
    link.askAfterAudio((controls) => controls.clearInput());
    events.write('input_audio_buffer.cleared', {});
  }
}

function notSupported(param: string, what: string): Problem {
  return { code: 'parley.not_supported', message: `${what}.`, param };
}
