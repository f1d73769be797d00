/*
 * `parley/testing`: what a test of an agent, an engine or a dialect needs. Simulated callers and their scenarios, scripted
 * engines, a clock that stands still, and speech in tones that can be read back from a recording.
 */

export {
  atSpeechLevel,
  type CallerSound,
  callerSound,
  concatenate,
  withGain,
} from './callers/acoustics/caller-sound.js';
export { dtmf } from './callers/acoustics/dtmf.js';
export { createEchoPath, type EchoPath, type EchoPathOptions } from './callers/acoustics/echo-path.js';
export { farField } from './callers/acoustics/far-field.js';
export { babble, withNoise, withOther } from './callers/acoustics/mixing.js';
export { cough, doorBang, hum, keyboard, mmHm, pinkNoise, throatClearing } from './callers/acoustics/noises.js';
export { changePace } from './callers/acoustics/pace.js';
export { throughNetwork } from './callers/acoustics/packet-loss.js';
export { choosePauses, insertPauses } from './callers/acoustics/pauses.js';
export { speakLine, speakLines } from './callers/acoustics/spoken-lines.js';
export { telephone } from './callers/acoustics/telephone.js';
export { delay } from './delay.js';
export { type CallKind, type JudgedCall, judge } from './scenarios/judge.js';
export type { ObservedCall } from './scenarios/observed-call.js';
export { parseScenario, type ReadScenario, readScenario } from './scenarios/read-scenario.js';
export type { Scenario, ScenarioStep } from './scenarios/scenario-schema.js';
export { gathered, type Verdict } from './scenarios/verdict.js';
export { type VirtualCall, type VirtualCallOptions, virtualCall } from './scenarios/virtual-call.js';
export { ScriptedBrain } from './scripted-brain.js';
export { ScriptedEndOfTurn } from './scripted-end-of-turn.js';
export type { ScriptedFailure } from './scripted-failure.js';
export { ScriptedLanguageModel } from './scripted-language-model.js';
export { ScriptedSpeechToText } from './scripted-speech-to-text.js';
export { ScriptedTextToSpeech } from './scripted-text-to-speech.js';
export { ScriptedTransport } from './scripted-transport.js';
export { ScriptedVoiceActivity } from './scripted-voice-activity.js';
export { decodedText, decodeTones } from './tone-decoder.js';
export { speakTones, ToneVocabulary } from './tone-words.js';
export { VirtualClock } from './virtual-clock.js';
