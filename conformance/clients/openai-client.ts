import OpenAI from 'openai';
import type { Surroundings } from '../case.js';

export function openAiClient({ url, apiKey }: Pick<Surroundings, 'url' | 'apiKey'>): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });
}
