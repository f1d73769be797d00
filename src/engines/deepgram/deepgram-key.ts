import type { KeyHeader } from '../remote/remote-api.js';

export const deepgramKey: KeyHeader = (key) => ({ authorization: `Token ${key}` });
