/** What a scenario, and a simulation of it, may take. */
export const scenarioLimits = {
  maxFileBytes: 256 * 1024,
  maxSteps: 500,
  maxRepeats: 200,
  /** In the caller's time, virtual or real. */
  maxCallMs: 30 * 60_000,
  /** Calls of each scenario in one simulation. */
  maxRuns: 10_000,
} as const;
