/**
 * Smallest.ai's names for speech to speech that mean the agent of this server. `hydra` is one that its maker calls
 * deprecated.
 */
export const hydraModels = ['hydra', 'hydra-v1.0', 'hydra-v1.1'] as const;
export const deprecatedModel = 'hydra';

/** Voices that Hydra has, by the versions of it: who names one gets the usual voice of this server. */
export const hydraVoices: ReadonlySet<string> = new Set([
  ...['zoe', 'maya', 'elena', 'ivy', 'grace', 'alex', 'aria', 'leo', 'sam', 'kai'],
  ...['vaughn', 'brooks', 'cole', 'hayes', 'pierce', 'sterling', 'ellis', 'lane', 'quinn', 'arden', 'rowan'],
  ...['blair', 'emery', 'sawyer'],
  ...['wren', 'sloane', 'marlowe', 'reed', 'knox', 'tate'],
]);

/** PCM of 16 bits, mono. */
export const hydraRates = { inputRateHz: 16_000, outputRateHz: 48_000 } as const;
