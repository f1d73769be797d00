import type { ClientEvent, ClientEventOf, SessionUpdate } from './client-events.js';
import { modalityOf } from './effective-session.js';
import type { Problem } from './event-writer.js';
import { defaultServerVad, defaultTurnDetection } from './turn-detection.js';

/*
 * Sessions whose call a realtime model holds. It is told who it is, how it sounds, which of its ways of ending turns is wanted
 * and what it may call; it is given audio, written words and results, and asked for a reply. What else a client may ask of a
 * session has no effect there, so it is refused by name and never shown as if it were in effect.
 */

/** The part of an update that a realtime model can keep to, and what of it cannot be. */
export function heldUpdate(
  update: SessionUpdate,
  model: string,
): { readonly update: SessionUpdate; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const refuse = (param: string, why: string): void => {
    problems.push(notSupported(`session.${param}`, `${why} while ${model} holds the call`));
  };
  const { type, output_modalities: modalities, max_output_tokens: limit, tool_choice: choice, parley, audio } = update;
  if (type === 'transcription') refuse('type', 'A session cannot be for transcription');
  if (modalities && modalityOf(modalities) === 'text') refuse('output_modalities', 'Replies are spoken');
  if (limit !== undefined && limit !== 'inf') refuse('max_output_tokens', 'Replies have no limit');
  if (choice !== undefined && choice !== 'auto') refuse('tool_choice', 'Whether a tool is called is up to the model');
  const { keywords, ...ours } = parley ?? {};
  if (keywords) refuse('parley.keywords', 'Words that are likely to be said cannot be named');
  const {
    type: _type,
    output_modalities: _modalities,
    max_output_tokens: _limit,
    tool_choice: _choice,
    ...rest
  } = update;
  return {
    update: {
      ...rest,
      ...(parley ? { parley: ours } : {}),
      ...(audio ? { audio: heldAudio(audio, refuse) } : {}),
    },
    problems,
  };
}

type Refuse = (param: string, why: string) => void;
type Audio = NonNullable<SessionUpdate['audio']>;

function heldAudio({ input, output }: Audio, refuse: Refuse): Audio {
  const { speed, ...sound } = output ?? {};
  if (speed !== undefined && speed !== 1) refuse('audio.output.speed', 'The voice keeps its own pace');
  const { noise_reduction: noise, turn_detection: detection, transcription, ...format } = input ?? {};
  if (noise) refuse('audio.input.noise_reduction', 'The audio is handed over as it is');
  for (const field of ['language', 'prompt'] as const)
    if (transcription?.[field] !== undefined)
      refuse(`audio.input.transcription.${field}`, 'The transcription is as the server has it');
  const model = transcription?.model;
  return {
    ...(output ? { output: sound } : {}),
    ...(input
      ? {
          input: {
            ...format,
            ...(transcription === undefined
              ? {}
              : { transcription: transcription && (model === undefined ? {} : { model }) }),
            ...(detection === undefined ? {} : heldDetection(detection, refuse)),
          },
        }
      : {}),
  };
}

type Detection = NonNullable<Audio['input']>['turn_detection'];

/** Which of the model's own ways; how it goes about it is its own. What a client was shown asks for nothing. */
function heldDetection(detection: Detection, refuse: Refuse): { turn_detection?: Detection } {
  const at = 'audio.input.turn_detection';
  if (!detection) {
    refuse(at, 'Turns cannot be ended by the client');
    return {};
  }
  const { type, ...how } = detection;
  const shown: Partial<Record<string, unknown>> = type === 'server_vad' ? defaultServerVad : defaultTurnDetection;
  for (const [field, value] of Object.entries(how))
    if (value !== undefined && value !== shown[field])
      refuse(`${at}.${field}`, 'The model ends and answers turns in a way of its own');
  return { turn_detection: { type } };
}

/** Why an event cannot be carried out, if it cannot. @param lastId the item that stands last in the conversation */
export function heldRefusal(event: ClientEvent, model: string, lastId: string | null): Problem | undefined {
  const refuse = (param: string, why: string): Problem => notSupported(param, `${why} while ${model} holds the call`);
  switch (event.type) {
    case 'input_audio_buffer.commit':
    case 'input_audio_buffer.clear':
      return refuse('type', 'The model ends turns itself, and what it has been given cannot be taken back');
    case 'parley.dtmf.press':
      return refuse('type', 'Keys are not heard');
    case 'parley.expect':
      return refuse('type', 'What the caller is expected to say makes no difference');
    case 'conversation.item.delete':
      return refuse('type', 'Nothing can be taken out of the conversation');
    case 'conversation.item.create':
      return itemRefusal(event, lastId, refuse);
    case 'response.create':
      return responseRefusal(event, refuse);
    default:
      return undefined;
  }
}

type RefuseEvent = (param: string, why: string) => Problem;

function itemRefusal(
  { item, previous_item_id: after }: ClientEventOf<'conversation.item.create'>,
  lastId: string | null,
  refuse: RefuseEvent,
): Problem | undefined {
  if (after && after !== lastId) return refuse('previous_item_id', 'Items can only be added at the end');
  if (item.type === 'function_call') return refuse('item.type', 'Calls are made by the model alone');
  if (item.type !== 'message') return undefined;
  if (item.role !== 'user') return refuse('item.role', 'Only messages of the user can be added');
  const unheard = item.content?.findIndex(({ type, transcript }) => type === 'input_audio' && !transcript) ?? -1;
  return unheard < 0 ? undefined : refuse(`item.content.${unheard}`, 'Audio of an item needs its transcript');
}

function responseRefusal(
  { response = {} }: ClientEventOf<'response.create'>,
  refuse: RefuseEvent,
): Problem | undefined {
  if (response.conversation === 'none')
    return refuse('response.conversation', 'Nothing can be answered beside the conversation');
  if (response.output_modalities && modalityOf(response.output_modalities) === 'text')
    return refuse('response.output_modalities', 'Replies are spoken');
  const { input, instructions, max_output_tokens: limit, tools, tool_choice: choice } = response;
  const own = {
    input,
    instructions,
    max_output_tokens: limit === 'inf' ? undefined : limit,
    tools,
    tool_choice: choice === 'auto' ? undefined : choice,
  };
  for (const [field, value] of Object.entries(own))
    if (value !== undefined)
      return refuse(`response.${field}`, 'A reply has nothing of its own, only what the session has');
  return undefined;
}

function notSupported(param: string, what: string): Problem {
  return { code: 'parley.not_supported', message: `${what}.`, param };
}
