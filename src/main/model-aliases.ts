import { openAiAliases } from '../api/openai/models/model-aliases.js';
import { wavesAliases } from '../api/waves/common/model-aliases.js';

/** Names of other products that mean what is usual here, so that their clients need not be changed. */
export const modelAliases = {
  chat: [...openAiAliases.chat, ...wavesAliases.chat],
  transcribe: [...openAiAliases.transcription, ...wavesAliases.transcription],
  speak: [...openAiAliases.speech, ...wavesAliases.speech],
};
