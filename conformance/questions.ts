/** What language models are asked, small and scripted ones alike. */
export const capital = {
  question: 'What is the capital of France? Answer with one word.',
  answer: 'Paris',
} as const;

export const weatherQuestion = 'What is the weather in Oslo right now?';

export const weatherParameters = {
  type: 'object',
  properties: { city: { type: 'string', description: 'The name of the city.' } },
  required: ['city'],
  additionalProperties: false,
};

export const placeQuestion = 'In which country is the city of Oslo? Answer in JSON with city and country.';

export const placeSchema = {
  type: 'object',
  properties: { city: { type: 'string' }, country: { type: 'string' } },
  required: ['city', 'country'],
  additionalProperties: false,
};
