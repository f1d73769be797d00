/** OpenAI's names that mean the model of this server for the same job, so that clients need not be changed. */
export const openAiAliases = {
  speech: ['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts'],
  transcription: ['whisper-1', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe'],
  chat: ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini', 'gpt-4.1-nano', 'gpt-3.5-turbo'],
} as const;
