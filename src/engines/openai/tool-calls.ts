import { ParleyError } from '../../ports/errors.js';
import type { ToolReplyEvent } from '../../ports/native-tools.js';
import { newCallId, type Toolbox, type ToolCall } from '../../ports/tools.js';
import { remoteLimits } from '../remote/limits.js';
import { rubbish } from '../remote/refusals.js';
import type { RemoteApi } from '../remote/remote-api.js';
import type { CallDelta } from './chat-wire.js';

type Open = {
  /** The server's own name of it, unless another call has that too. */
  readonly callId: string;
  readonly id: string | undefined;
  readonly index: number | undefined;
  name: string;
  arguments: string;
};

/** Calls of one reply that arrive in pieces, several of them in any order. */
export class ToolCalls {
  readonly #api: RemoteApi;
  readonly #toolbox: Toolbox;
  readonly #calls: Open[] = [];
  #characters = 0;

  constructor(api: RemoteApi, toolbox: Toolbox) {
    this.#api = api;
    this.#toolbox = toolbox;
  }

  get any(): boolean {
    return this.#calls.length > 0;
  }

  /** @throws ParleyError `remote.rubbish` */
  *push(delta: CallDelta): Generator<ToolReplyEvent, void, undefined> {
    const call = this.#callOf(delta);
    const { name, arguments: piece } = delta.function ?? {};
    // Of a name that comes in pieces each is new; one that is told with every piece of the arguments is not.
    if (name && call.arguments === '' && name !== call.name) call.name += name;
    this.#characters += (name?.length ?? 0) + (piece?.length ?? 0);
    if (this.#characters > remoteLimits.maxCallCharacters)
      throw rubbish(this.#api.provider, `calls of more than ${remoteLimits.maxCallCharacters} characters`);
    yield { type: 'working' };
    if (!piece) return;
    call.arguments += piece;
    yield { type: 'tool-call-part', callId: call.callId, name: call.name, arguments: piece };
  }

  /**
   * The calls, once the reply is over.
   * @param cut the reply ended in the middle: a call that is not whole is none
   * @throws ParleyError `language_model.tool_call`
   */
  whole({ cut }: { readonly cut: boolean }): ToolCall[] {
    return this.#calls.flatMap((call) => {
      const { callId, name } = call;
      const args = call.arguments.trim() || '{}';
      const last = call === this.#calls.at(-1);
      if (cut && last && (call.arguments === '' || !isObject(args))) return [];
      if (!this.#toolbox.tools.some((tool) => tool.name === name))
        throw this.#unusable(`called "${name.slice(0, 80)}", which is none of the tools that it was given`);
      if (!isObject(args))
        throw this.#unusable(
          `called "${name}" with arguments that are no JSON object: "${this.#api.masked(args.slice(0, 120))}"`,
        );
      return [{ callId, name, arguments: args }];
    });
  }

  #callOf({ index, id }: CallDelta): Open {
    // Some servers give every call the same index and another name.
    const at = index ?? undefined;
    const found = this.#calls.findLast((call) => (at === undefined || call.index === at) && (!id || call.id === id));
    if (found) return found;
    if (this.#calls.length >= remoteLimits.maxCalls)
      throw rubbish(this.#api.provider, `more than ${remoteLimits.maxCalls} calls in one reply`);
    const callId = id && !this.#calls.some((call) => call.callId === id) ? id : newCallId();
    const call: Open = { callId, id: id || undefined, index: at, name: '', arguments: '' };
    this.#calls.push(call);
    return call;
  }

  #unusable(detail: string): ParleyError {
    return new ParleyError(`${this.#api.provider} ${detail}. Expected a call that can be carried out.`, {
      code: 'language_model.tool_call',
      retryable: true,
      status: 502,
    });
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
