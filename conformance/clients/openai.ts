import type { ConformanceClient } from '../case.js';
import { installed } from '../installed.js';
import { openAiChatCases } from './openai-chat.js';
import { openAiRealtimeCases } from './openai-realtime.js';
import { openAiSpeechCases } from './openai-speech.js';
import { openAiTranscriptionCases } from './openai-transcriptions.js';

/** OpenAI's package for JavaScript, told nothing but another address. */
export const openAi: ConformanceClient = {
  name: 'openai',
  version: installed('openai'),
  cases: [...openAiSpeechCases, ...openAiTranscriptionCases, ...openAiChatCases, ...openAiRealtimeCases],
};
