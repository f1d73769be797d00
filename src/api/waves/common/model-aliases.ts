/**
 * Smallest.ai's names that mean the model of this server for the same job. Its paths spell them with hyphens, its bodies
 * with underscores, and its clients with either.
 */
export const wavesAliases = {
  speech: [
    'lightning',
    'lightning-large',
    'lightning-v2',
    'lightning_v2',
    'lightning-v3.1',
    'lightning_v3.1',
    'lightning-v3.1-pro',
    'lightning_v3.1_pro',
    'lightning-v3.2',
    'lightning_v3.2',
  ],
  transcription: ['pulse', 'pulse-pro'],
  chat: ['electron', 'electron-v1', 'electron-v2'],
} as const;
