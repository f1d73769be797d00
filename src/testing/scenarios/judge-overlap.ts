import type { CallAnalysis } from '../../analyser/analyse-call.js';
import type { Judgement, StepView } from './judge.js';
import type { ObservedCall } from './observed-call.js';
import type { StepExpectation } from './scenario-schema.js';

/** So long after the caller has fallen silent an agent may still stop for what they said. */
const windowMs = 1_000;

/** What the agent did when something was heard over its voice. */
export function judgeOverlap(
  { agent_stops_within_ms: within }: StepExpectation,
  view: StepView,
  call: ObservedCall,
  analysis: CallAnalysis,
): Judgement {
  const lines = call.lines.filter(({ place }) => place === view.place);
  if (lines.length === 0) return { met: false, seen: 'nothing was said over the agent' };
  const judgements = lines.map((line) =>
    within === undefined ? keepsTalking(line, call, analysis) : stops(line, within, call, analysis),
  );
  const failed = judgements.find(({ met }) => !met);
  if (failed) return failed;
  return judgements.length === 1 ? (judgements[0] as Judgement) : { met: true, seen: `${judgements.length} times` };
}

type Line = ObservedCall['lines'][number];

function stops(line: Line, withinMs: number, call: ObservedCall, analysis: CallAnalysis): Judgement {
  const reply = replyAt(line.startMs, analysis);
  if (!reply) return { met: false, seen: 'the agent was not speaking' };
  const stopMs = reply.endMs - line.startMs;
  const end = endOf(line.startMs, call);
  if (end === 'completed') return { met: false, seen: `the agent went on to the end of its reply, ${round(stopMs)}` };
  return { met: stopMs <= withinMs, seen: `after ${round(stopMs)}` };
}

function keepsTalking(line: Line, call: ObservedCall, analysis: CallAnalysis): Judgement {
  const reply = replyAt(line.startMs, analysis);
  if (!reply) return { met: false, seen: 'the agent was not speaking' };
  const untilMs = line.endMs + windowMs;
  if (endOf(line.startMs, call) === 'interrupted' && reply.endMs < untilMs)
    return { met: false, seen: `it stopped after ${round(reply.endMs - line.startMs)}` };
  const gap = reply.gaps.find(({ startMs, endMs }) => startMs < untilMs && endMs > line.startMs);
  return gap ? { met: false, seen: `it was silent for ${round(gap.pauseMs)}` } : { met: true, seen: 'it went on' };
}

function replyAt(atMs: number, analysis: CallAnalysis): CallAnalysis['replies'][number] | undefined {
  return analysis.replies.find(({ startMs, endMs }) => startMs < atMs && endMs > atMs);
}

function endOf(atMs: number, call: ObservedCall): ObservedCall['replies'][number]['end'] | undefined {
  return call.replies.findLast(({ startMs }) => startMs < atMs)?.end;
}

function round(ms: number): string {
  return `${Math.round(ms)} ms`;
}
