import type { z } from 'zod';
import { issueText } from '../../http/issue-text.js';
import { jsonShapeProblem } from '../../http/json-shape.js';
import { type ClientEvent, clientEventSchemas } from './client-events.js';
import type { Problem } from './event-writer.js';
import { messageLimits } from './limits.js';

export type ReadEvent<Event> = { readonly event: Event } | { readonly problem: Problem; readonly eventId?: string };

/** One message of a client as an event, or what is wrong with it. Never throws. */
export function readClientEvent(data: Buffer, isBinary: boolean): ReadEvent<ClientEvent> {
  return readEvent(clientEventSchemas, data, isBinary);
}

type Schemas = Readonly<Record<string, z.ZodType>>;
type EventOf<Known extends Schemas> = { [Name in keyof Known]: z.infer<Known[Name]> }[keyof Known];

/** The same for any protocol whose events are JSON with a `type`. */
export function readEvent<Known extends Schemas>(
  schemas: Known,
  data: Buffer,
  isBinary: boolean,
): ReadEvent<EventOf<Known>> {
  if (isBinary)
    return problem('invalid_frame', 'A binary frame arrived; events are JSON in text frames, audio as base64 in them.');
  const shape = jsonShapeProblem(data, messageLimits);
  if (shape !== undefined) return problem('invalid_json', `The message is ${shape}; no event needs that.`);
  let json: unknown;
  try {
    json = JSON.parse(data.toString());
  } catch (error) {
    return problem('invalid_json', `The message is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return problem('invalid_json', 'The message is JSON, but not an object with a "type".');
  const { type, event_id: id } = json as { type?: unknown; event_id?: unknown };
  const eventId = typeof id === 'string' ? { eventId: id.slice(0, 512) } : {};
  if (typeof type !== 'string')
    return { ...problem('missing_required_parameter', 'An event needs a "type".', 'type'), ...eventId };
  const schema = Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (!schema) {
    const known = Object.keys(schemas).join(', ');
    return {
      ...problem('unknown_event', `"${type.slice(0, 100)}" is no event; expected one of ${known}.`, 'type'),
      ...eventId,
    };
  }
  const parsed = schema.safeParse(json);
  return parsed.success
    ? { event: parsed.data as EventOf<Known> }
    : { problem: fieldProblem(type, json, parsed.error), ...eventId };
}

function problem(code: string, message: string, param?: string): { readonly problem: Problem } {
  return { problem: { code, message, ...(param === undefined ? {} : { param }) } };
}

/** The first field that is wrong. */
function fieldProblem(type: string, json: object, error: z.ZodError): Problem {
  const issue = error.issues[0];
  const path = issue?.path ?? [];
  const param = path.map(String).join('.');
  const missing = valueAt(json, path) === undefined;
  return {
    code: missing ? 'missing_required_parameter' : issue?.code === 'invalid_type' ? 'invalid_type' : 'invalid_value',
    message: `${type}: ${param}: ${issueText(issue)}.`,
    ...(param === '' ? {} : { param }),
  };
}

function valueAt(json: object, path: readonly PropertyKey[]): unknown {
  let value: unknown = json;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
