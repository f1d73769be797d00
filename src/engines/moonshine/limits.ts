/** Moonshine accepts 0.1-30 s of 16 kHz audio. */
export const minMoonshineSamples = 1_600;
export const maxMoonshineSamples = 480_000;
