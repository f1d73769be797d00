import type { SessionControls } from '../../../conversation/session-controls.js';
import type { AsideQuestion } from '../../../ports/brain.js';
import { ParleyError } from '../../../ports/errors.js';
import type { CallLink } from './call-link.js';
import type { EventWriter } from './event-writer.js';
import type { NewId } from './ids.js';
import { messageLimits } from './limits.js';
import { ResponseOutput } from './response-output.js';
import { cancelled, failure, outOfTokens, type ResponseTokens, responseView } from './response-view.js';

export type AsideRequest = {
  readonly question: AsideQuestion;
  readonly metadata: Readonly<Record<string, unknown>> | null;
};

type Aside = AsideRequest & {
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly output: ResponseOutput;
  readonly abort: AbortController;
  tokens: ResponseTokens | undefined;
};

export type AsidesOptions = {
  readonly events: EventWriter;
  readonly newId: NewId;
  readonly link: CallLink;
  /** A response has taken so many. */
  readonly onTokens: (tokens: ResponseTokens) => void;
};

/** Responses outside of the conversation: nobody hears them, and the agent does not remember them. They are text. */
export class Asides {
  readonly #options: AsidesOptions;
  readonly #open = new Map<string, Aside>();
  #writing: Promise<void> = Promise.resolve();

  constructor(options: AsidesOptions) {
    this.#options = options;
  }

  get full(): boolean {
    return this.#open.size >= messageLimits.maxAsides;
  }

  begin(request: AsideRequest): void {
    const { events, newId, link } = this.#options;
    const id = newId('resp');
    const aside: Aside = {
      ...request,
      id,
      fields: {
        conversation_id: null,
        output_modalities: ['text'],
        max_output_tokens: request.question.maxTokens ?? 'inf',
        metadata: request.metadata,
      },
      output: new ResponseOutput({ events, newId, responseId: id, modality: 'text' }),
      abort: new AbortController(),
      tokens: undefined,
    };
    this.#open.set(id, aside);
    events.write('response.created', { response: responseView(id, aside.fields, { status: 'in_progress' }) });
    // The conversation that it is asked about has what was said and added before.
    link.askAfterAudio((controls) => {
      this.#writing = this.#writing.then(() => this.#write(aside, controls));
    });
  }

  /** @returns whether there is such a response */
  cancel(id: string): boolean {
    const aside = this.#open.get(id);
    if (!aside) return false;
    aside.abort.abort(new Error('the client has cancelled it'));
    this.#close(aside, { status: 'cancelled', details: cancelled('client_cancelled') });
    return true;
  }

  /** Nothing more will come of them: the call has ended. */
  failAll(problem: { readonly code: string; readonly message: string }): void {
    for (const aside of this.#open.values()) {
      aside.abort.abort(new Error(problem.message));
      this.#close(aside, { status: 'failed', details: failure(problem) });
    }
  }

  async #write(aside: Aside, controls: SessionControls): Promise<void> {
    const { question, output, abort } = aside;
    if (abort.signal.aborted) return;
    try {
      for await (const event of controls.aside(question, abort.signal)) {
        if (abort.signal.aborted) return;
        if (event.type === 'say') output.say(event.text);
        else if (event.type === 'call') output.call(event.call);
        else if (event.type === 'usage') {
          aside.tokens = {
            computed: event.computedTokens,
            reused: event.reusedTokens,
            generated: event.newTokens,
          };
          this.#options.onTokens(aside.tokens);
        }
      }
      const { maxTokens } = question;
      const cut = maxTokens !== undefined && (aside.tokens?.generated ?? 0) >= maxTokens;
      this.#close(aside, cut ? { status: 'incomplete', details: outOfTokens } : { status: 'completed', details: null });
    } catch (error) {
      if (abort.signal.aborted) return;
      const problem = ParleyError.isInstance(error)
        ? error
        : { code: 'internal_error', message: 'A fault of the server ended this response.' };
      this.#close(aside, { status: 'failed', details: failure(problem) });
    }
  }

  #close(
    { id, output, fields, tokens }: Aside,
    end: {
      readonly status: 'completed' | 'incomplete' | 'cancelled' | 'failed';
      readonly details: Readonly<Record<string, unknown>> | null;
    },
  ): void {
    if (!this.#open.delete(id)) return;
    output.endMessage(end.status === 'completed' ? 'completed' : 'incomplete');
    const response = responseView(id, fields, { ...end, output: output.items, tokens });
    this.#options.events.write('response.done', { response });
  }
}
