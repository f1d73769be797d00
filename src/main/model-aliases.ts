import { openAiAliases } from '../api/openai/models/model-aliases.js';

/** The names of other products that mean what is usual here, of all dialects together. */
export const modelAliases = {
  chat: [...openAiAliases.chat],
  transcribe: [...openAiAliases.transcription],
  speak: [...openAiAliases.speech],
} as const;
