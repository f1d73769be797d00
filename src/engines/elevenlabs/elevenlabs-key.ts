import type { KeyHeader } from '../remote/remote-api.js';

export const elevenLabsKey: KeyHeader = (key) => ({ 'xi-api-key': key });
