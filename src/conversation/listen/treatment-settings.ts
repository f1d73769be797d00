/** How callers of different loudness are brought to one. */
export type AutoGainSettings = {
  /** Loudness of speech to aim at (K-weighted, ITU-R BS.1770). @defaultValue -23 */
  readonly targetLufs: number;
  /** Bounds of the gain. @defaultValue -12 and 24 */
  readonly leastDb: number;
  readonly mostDb: number;
  /** How fast it moves once it has found the caller's loudness: slower than speech is loud and soft. @defaultValue 3 */
  readonly dbPerSecond: number;
  /** How fast it moves over the first second of speech. @defaultValue 40 */
  readonly firstDbPerSecond: number;
};

/** What is done to a caller's audio before it is listened to. Recordings keep it as it came. */
export type TreatmentSettings = {
  /** Automatic gain; absent: none. @defaultValue absent */
  readonly gain?: AutoGainSettings;
  /** Noise suppression, in front of the gain. @defaultValue false */
  readonly denoise: boolean;
};

export const defaultAutoGain = {
  targetLufs: -23,
  leastDb: -12,
  mostDb: 24,
  dbPerSecond: 3,
  firstDbPerSecond: 40,
} as const satisfies AutoGainSettings;
