import { concatSamples, durationMs } from '../audio/frame.js';
import { resample } from '../audio/resample.js';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import { ParleyError } from '../ports/errors.js';
import { EventQueue } from '../ports/event-queue.js';
import type { LanguageModel, PromptPrefix } from '../ports/language-model.js';
import type { SpeechToText, SpeechToTextInput } from '../ports/speech-to-text.js';
import type { TextToSpeech } from '../ports/text-to-speech.js';

/** What this machine does with these engines when it does nothing else. Plain data. */
export type MachineFigures = {
  readonly cores: number;
  readonly prefillTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
  /** The final transcript of {@link typicalSpeechMs} of speech. */
  readonly sttFinalMs: number;
  /** Compute per second of audio; below 1 is faster than speech. */
  readonly sttRealTimeFactor: number;
  readonly endOfTurnMs: number;
  readonly ttsFirstAudioMs: number;
  readonly ttsRealTimeFactor: number;
  /** What measuring took. */
  readonly tookMs: number;
};

/** What to expect of calls, estimated from {@link MachineFigures}. */
export type Expectation = {
  /** End of the caller's last word to the first sound of the answer, for a turn that sounds finished, without an opener. */
  readonly responseLatencyMs: number;
  /** Calls that this machine can carry at once without answers getting noticeably later. */
  readonly concurrentCalls: number;
};

export type MeasuredEngines = {
  readonly stt: SpeechToText;
  readonly endOfTurn: EndOfTurn;
  readonly tts: TextToSpeech;
  readonly languageModel: LanguageModel;
  readonly voice: string;
  /** A prompt that is computed already: what is measured follows it. */
  readonly prefix: PromptPrefix;
  readonly cores: number;
};

/** A spoken order, and about what is said in return. */
const typicalSpeechMs = 3_500;
const spokenText = 'Hello, I would like one large coffee with milk, and a small piece of chocolate cake, please.';
const promptText = 'Could you also tell me what kinds of tea you have today, and until when you are open?';
const measuredTokens = 8;
/** A machine on which this takes longer cannot hold a call. */
const limitMs = 20_000;

/**
 * Measures one engine after the other, each with a task of the size of a turn: about two seconds on two cores. The
 * engines must be started and idle.
 * @throws ParleyError what an engine throws; `self_test.incomplete` when one answers without what is needed; a
 * `TimeoutError` after 20 s
 */
export async function measureMachine(engines: MeasuredEngines, signal: AbortSignal): Promise<MachineFigures> {
  const startedAt = performance.now();
  const limited = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const spoken = await measureSpeaking(engines, limited);
  const heard = await measureListening(engines, spoken.samples16k, limited);
  const thought = await measureThinking(engines, limited);
  return {
    cores: engines.cores,
    ...thought,
    ...heard,
    ttsFirstAudioMs: spoken.firstAudioMs,
    ttsRealTimeFactor: spoken.realTimeFactor,
    tookMs: performance.now() - startedAt,
  };
}

async function measureSpeaking({ tts, voice }: MeasuredEngines, signal: AbortSignal) {
  const startedAt = performance.now();
  let firstAudioMs: number | undefined;
  const pieces: Float32Array[] = [];
  for await (const event of tts.speak({ text: spokenText, voice, signal })) {
    if (event.type !== 'audio' || event.samples.length === 0) continue;
    firstAudioMs ??= performance.now() - startedAt;
    pieces.push(event.samples);
  }
  const tookMs = performance.now() - startedAt;
  const samples = concatSamples(pieces);
  if (firstAudioMs === undefined) throw incomplete('the voice made no sound');
  const realTimeFactor = tookMs / durationMs(samples.length, tts.rateHz);
  return { firstAudioMs, realTimeFactor, samples16k: await resample(samples, tts.rateHz, 16_000) };
}

async function measureListening(
  { stt, endOfTurn }: MeasuredEngines,
  samples: Float32Array,
  signal: AbortSignal,
): Promise<Pick<MachineFigures, 'sttFinalMs' | 'sttRealTimeFactor' | 'endOfTurnMs'>> {
  const { computeMs: endOfTurnMs } = await endOfTurn.predict(samples, { signal });
  const input = new EventQueue<SpeechToTextInput>(signal);
  input.push({ type: 'start', utterance: 0 });
  input.push({ type: 'audio', samples });
  input.push({ type: 'freeze', utterance: 0, request: 0 });
  try {
    for await (const event of stt.listen({ callId: 'self-test', input, signal })) {
      if (event.type === 'error') throw event.error;
      if (event.type !== 'final') continue;
      const sttRealTimeFactor = event.computeMs / durationMs(samples.length, 16_000);
      return { sttFinalMs: sttRealTimeFactor * typicalSpeechMs, sttRealTimeFactor, endOfTurnMs };
    }
  } finally {
    input.end();
  }
  throw incomplete('speech to text gave no transcript');
}

async function measureThinking(
  { languageModel, prefix }: MeasuredEngines,
  signal: AbortSignal,
): Promise<Pick<MachineFigures, 'prefillTokensPerSecond' | 'decodeTokensPerSecond'>> {
  const context = await languageModel.open(prefix, { callId: 'self-test', signal });
  try {
    // Brings the prompt in, which a call does before anybody waits.
    await context.extend({ role: 'user', text: 'Hello.' }, { signal });
    await context.extend({ role: 'assistant', text: 'Hello.' }, { signal });
    const prefillAt = performance.now();
    const { computedTokens } = await context.extend({ role: 'user', text: promptText }, { signal });
    const prefillMs = performance.now() - prefillAt;
    const startedAt = performance.now();
    for await (const event of context.generate({ maxTokens: measuredTokens, signal })) {
      if (event.type !== 'finish') continue;
      const decodeMs = performance.now() - startedAt - event.firstTokenMs;
      // A remote engine computes no prompt that could be measured.
      const counted = languageModel.capabilities.prefill ? computedTokens : 0;
      if (event.newTokens < 2) throw incomplete('the language model wrote nothing');
      return {
        prefillTokensPerSecond: perSecond(counted, prefillMs),
        decodeTokensPerSecond: perSecond(event.newTokens - 1, decodeMs),
      };
    }
    throw incomplete('the language model did not finish');
  } finally {
    context.close();
  }
}

/** The parts of a turn that this machine has no influence on, and the sizes of the others: measured on real calls. */
const turn = {
  /** A frame from the microphone, and the detector's evidence of silence. */
  noticedMs: 10 + 80,
  /** Tokens between the words that were computed ahead and the reply. */
  newTokens: 9,
  firstClauseTokens: 6,
  replyTokens: 20,
  /** What other work takes from the cores at the wrong moment. */
  contentionMs: 150,
  outputMs: 30,
  /** Of the caller's speech, one core's share that is spent on partial transcripts. */
  partialShare: 0.3,
  /** Between what one says and what the other does. */
  pausesMs: 1_500,
  /** Beyond this much of all cores, answers wait for one another. */
  usableShare: 0.7,
} as const;

/**
 * Response latency is the later of two: the wait after which a turn that sounds finished is over (`minWaitMs` of the
 * endpointing settings), and the chain silence noticed, final transcript with the end-of-turn model beside it, prefill
 * of the last tokens, first clause, its first audio; then the output. The terms and their sizes are those of a measured
 * turn (waterfall of `npm run bench -- call`).
 *
 * Concurrent calls: the share of all cores that is usable, over the core time of an exchange (both speak for 3.5 s)
 * per its duration. The language model works on two threads at most.
 */
export function expectationOf(
  figures: MachineFigures,
  options: { readonly minWaitMs: number; readonly maxCalls: number },
): Expectation {
  const { cores, sttFinalMs, endOfTurnMs, ttsFirstAudioMs } = figures;
  const prefillMs = msFor(turn.newTokens, figures.prefillTokensPerSecond);
  const judgedMs = cores > 1 ? Math.max(sttFinalMs, endOfTurnMs) : sttFinalMs + endOfTurnMs;
  const clauseMs = msFor(turn.firstClauseTokens, figures.decodeTokensPerSecond);
  const readyMs = turn.noticedMs + judgedMs + prefillMs + clauseMs + ttsFirstAudioMs + turn.contentionMs;
  const responseLatencyMs = Math.round(Math.max(options.minWaitMs, readyMs) + turn.outputMs);
  const threads = Math.min(2, cores);
  const thinkingMs = prefillMs + msFor(turn.replyTokens, figures.decodeTokensPerSecond);
  const workMs =
    turn.partialShare * typicalSpeechMs +
    sttFinalMs +
    endOfTurnMs +
    threads * thinkingMs +
    figures.ttsRealTimeFactor * typicalSpeechMs;
  const exchangeMs = 2 * typicalSpeechMs + turn.pausesMs;
  const carried = Math.floor((turn.usableShare * cores * exchangeMs) / workMs);
  return { responseLatencyMs, concurrentCalls: Math.min(Math.max(1, carried), options.maxCalls) };
}

function perSecond(count: number, ms: number): number {
  return count === 0 ? 0 : (count * 1_000) / Math.max(ms, 1);
}

/** 0 tokens a second stands for a remote engine, whose prompts cost this machine nothing. */
function msFor(tokens: number, tokensPerSecond: number): number {
  return tokensPerSecond === 0 ? 0 : (tokens * 1_000) / tokensPerSecond;
}

function incomplete(what: string): ParleyError {
  return new ParleyError(`The self-test could not measure this machine: ${what}.`, { code: 'self_test.incomplete' });
}
