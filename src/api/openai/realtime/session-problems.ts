import type { SessionUpdate } from './client-events.js';
import type { Problem } from './event-writer.js';
import { keywordsOfPrompt } from './keywords.js';
import { readToolChoice, readTools } from './session-tools.js';

/** What an update asks for and does not get, so that nobody finds out by waiting for it. */
export function sessionProblems(update: SessionUpdate): readonly Problem[] {
  const { tools, tool_choice: choice, truncation, prompt, include, audio } = update;
  const { transcription, turn_detection: detection } = audio?.input ?? {};
  const problems: Problem[] = [];
  const unsupported = (param: string, why: string): void => {
    problems.push({ code: 'parley.not_supported', message: `${why}.`, param: `session.${param}` });
  };
  if (tools) problems.push(...readTools(tools, 'session.tools').problems);
  if (choice !== undefined && tools) {
    const read = readToolChoice(choice, readTools(tools, '').tools, 'session.tool_choice');
    if ('problem' in read) problems.push(read.problem);
  }
  if (truncation !== undefined && truncation !== 'auto')
    unsupported('truncation', 'When the context is full the oldest turns are dropped, as by "auto"');
  if (prompt !== undefined && prompt !== null)
    unsupported('prompt', 'Prompts are not kept here; send session.instructions');
  if (include?.length) unsupported('include', 'Speech recognition tells no log probabilities');
  if (transcription?.language !== undefined && !/^en\b/i.test(transcription.language))
    unsupported('audio.input.transcription.language', 'Speech recognition understands English');
  if (transcription?.prompt !== undefined && keywordsOfPrompt(transcription.prompt) === undefined)
    unsupported('audio.input.transcription.prompt', 'Speech recognition takes a list of words and short phrases');
  if (update.type === 'transcription' && detection && 'idle_timeout_ms' in detection && detection.idle_timeout_ms)
    unsupported('audio.input.turn_detection.idle_timeout_ms', 'Nobody answers in a session for transcription');
  return problems;
}
