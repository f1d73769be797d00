/** The one definition of each metric: its name in every report, its unit, and what it means. */
export const metricDefinitions = {
  response_latency: {
    unit: 'ms',
    meaning:
      "end of the caller's last word (t_eos) to the first audible agent sample; first turn of each call and discarded turns left out",
  },
  response_latency_first_turn: { unit: 'ms', meaning: 'response_latency of the first turn of each call' },
  response_latency_all_turns: { unit: 'ms', meaning: 'response_latency with the first turns left in' },
  false_cutoff_rate: {
    unit: 'ratio',
    meaning: "turns in which the agent began to speak before t_eos, pauses inside the caller's turn included",
  },
  missed_turn_rate: {
    unit: 'ratio',
    meaning: 'turns with no agent speech before the caller speaks again or 5 s pass',
  },
  dead_air: { unit: 'ms', meaning: 'silences of both sides longer than 2 s that follow a turn of the caller' },
  talk_over_ms: { unit: 'ms', meaning: 'simultaneous speech per call' },
  talk_over_ratio: { unit: 'ratio', meaning: 'simultaneous speech over the length of the calls' },
  barge_in_stop_latency: {
    unit: 'ms',
    meaning: 'caller begins to speak over the agent to the last audible sample of the interrupted reply',
  },
  barge_in_success: { unit: 'ratio', meaning: 'barge-ins after which the agent was silent within 2.0 s' },
  gap_within_reply: {
    unit: 'ms',
    meaning: 'pauses inside a reply beyond a natural pause (0 for a natural one), over all pauses',
  },
  digital_silence_within_reply: {
    unit: 'ms',
    meaning:
      'longest run of zero samples inside each reply: audio that ran out, unless the agent synthesises its pauses as zeros',
  },
} as const;

export type MetricName = keyof typeof metricDefinitions;
