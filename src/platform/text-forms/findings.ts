/** What is taken out: `pii` who somebody is (names are not), `pci` what pays for something. */
export const redactionKinds = ['pii', 'pci'] as const;
export type RedactionKind = (typeof redactionKinds)[number];

/**
 * Words from `from` up to `to` (not included) that tell something; a `number` may be a part of any number that does, the
 * rest of which was or will be said apart.
 */
export type Finding = {
  readonly what:
    | 'card'
    | 'security_code'
    | 'card_expiry'
    | 'phone'
    | 'ssn'
    | 'date_of_birth'
    | 'email'
    | 'address'
    | 'number';
  readonly from: number;
  readonly to: number;
};
