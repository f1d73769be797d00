/** What an agent is waiting for: how the caller's turn can be known to be complete. */
export type ExpectedAnswer =
  /** Anything. */
  | { readonly kind: 'free' }
  | { readonly kind: 'yes-no' }
  /** Nothing more, or what else is wanted: a no is complete, a yes is a beginning. */
  | { readonly kind: 'anything-else' }
  /** One of these, as they are spoken. */
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'date' }
  | ({ readonly kind: 'number' } & ExpectedNumber)
  | { readonly kind: 'email' }
  /** Letter by letter. */
  | { readonly kind: 'spelling' };

/** A number that is dictated digit by digit. `minDigits` and `maxDigits` are the same where its length is fixed. */
export type ExpectedNumber = {
  readonly of: 'phone' | 'card' | 'other';
  readonly minDigits: number;
  readonly maxDigits: number;
};
