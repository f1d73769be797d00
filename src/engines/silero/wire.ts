export type SileroInit = { readonly modelPath: string };

export type SileroRequest =
  | { readonly type: 'window'; readonly stream: number; readonly id: number; readonly window: Float32Array }
  | { readonly type: 'forget'; readonly stream: number };

export type SileroReply =
  | { readonly type: 'ready' }
  | { readonly type: 'probability'; readonly id: number; readonly probability: number }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };
