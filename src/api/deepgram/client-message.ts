import { jsonMessage } from '../sockets/json-message.js';
import { invalid } from './deepgram-error.js';

/** A message of a client in JSON: its type, and whatever else it has. */
export type ClientMessage<Type extends string> = { readonly type: Type; readonly [field: string]: unknown };

/**
 * Reads a text message.
 * @throws ParleyError `invalid_json`, `invalid_value` (400) naming the types that are known
 */
export function clientMessage<Type extends string>(text: string, types: readonly Type[]): ClientMessage<Type> {
  const message = jsonMessage(text);
  const type = (message as { readonly type?: unknown } | null)?.type;
  const known = types.find((each) => each === type);
  if (known === undefined)
    throw invalid(
      `A text message is one of ${types.join(', ')}; this one is ${typeof type === 'string' ? `"${type.slice(0, 40)}"` : 'of no type'}.`,
    );
  return { ...(message as object), type: known };
}
