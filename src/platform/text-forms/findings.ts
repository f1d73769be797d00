/** What is taken out: `pii` who somebody is (names are not), `pci` what pays for something. */
export const redactionKinds = ['pii', 'pci'] as const;
export type RedactionKind = (typeof redactionKinds)[number];

/** Words from `from` up to `to` (not included) that tell something. */
export type Finding = {
  readonly what: 'card' | 'security_code' | 'card_expiry' | 'phone' | 'ssn' | 'date_of_birth' | 'email' | 'address';
  readonly from: number;
  readonly to: number;
};
