import { appendFile, readFile } from 'node:fs/promises';
import { defaultAgent } from '../../src/agents/default-agent.js';
import { samplesOf } from '../../src/audio/frame.js';
import { speechDecayDb } from '../../src/conversation/listen/speech-decay.js';
import { reduceTurn } from '../../src/conversation/turn/machine.js';
import { defaultTurnSettings } from '../../src/conversation/turn/settings.js';
import { initialTurnState } from '../../src/conversation/turn/state.js';
import { vadWindowMs, vadWindowSamples } from '../../src/ports/voice-activity.js';
import { pitchTrack, semitones } from '../scoring/pitch.js';
import { transcribeAtOnce } from '../stt/transcribe-at-once.js';
import type { Ears, PlannedTurn, SpokenTurn } from './spoken-turns.js';
import type { WordReader } from './word-reader.js';

/** The end-of-turn model's answer after so much silence. */
export type HeardLook = { readonly silenceMs: number; readonly probability: number };

/** A silence in a turn that was suspected to be its end. */
export type HeardPause = {
  /** End of the last window of speech, from the labelled end of the turn; below 0 inside of it. */
  readonly offsetMs: number;
  /** Until speech began again, or the recording ended. */
  readonly durationMs: number;
  readonly final: boolean;
  readonly text: string;
  readonly looks: readonly HeardLook[];
  /** How likely the words are complete to the language model; absent where there are none. */
  readonly wordsOver?: number;
  /** Speech in the turn so far. */
  readonly voicedMs: number;
  readonly prosody: Prosody;
};

/** The last word against the turn so far. */
export type Prosody = {
  /** Level of the last 150 ms of speech. */
  readonly decayDb: number;
  /** Pitch of the last 300 ms against the median, and the change inside of them; 0 where nothing is voiced. */
  readonly pitchSt: number;
  readonly slopeSt: number;
};

export type HeardTurn = { readonly id: string; readonly pauses: readonly HeardPause[] };

/** Silences after which the end-of-turn model is asked. */
export const lookSilencesMs = [96, 288, 576] as const;
const rateHz = 16_000;
const preRollMs = 800;

/** Hears each turn with the real ears, but for those that `cache` (a file of JSON lines) holds already. */
export async function hearTurns(
  turns: readonly PlannedTurn[],
  ears: () => Promise<Ears & Pick<WordReader, 'read'>>,
  cache: string | undefined,
): Promise<Map<string, HeardTurn>> {
  const heard = new Map((await readCache(cache)).map((turn) => [turn.id, turn]));
  for (const turn of turns) {
    if (heard.has(turn.id)) continue;
    const open = await ears();
    const pauses: HeardPause[] = [];
    for (const pause of await hearTurn(await turn.speak(open), open)) {
      const wordsOver = await open.read(pause.text);
      pauses.push(wordsOver === undefined ? pause : { ...pause, wordsOver });
    }
    const result: HeardTurn = { id: turn.id, pauses };
    heard.set(turn.id, result);
    if (cache !== undefined) await appendFile(cache, `${JSON.stringify(result)}\n`);
  }
  return heard;
}

async function readCache(cache: string | undefined): Promise<HeardTurn[]> {
  if (cache === undefined) return [];
  const text = await readFile(cache, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  // A run that was stopped may have left half a line.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HeardTurn);
}

type OpenPause = {
  speechEndMs: number;
  text: string;
  looks: HeardLook[];
  voicedMs: number;
  prosody: Prosody;
};

/** Runs the turn machine over a turn that nobody answers, and notes every silence that it suspects. */
async function hearTurn({ samples, endMs }: SpokenTurn, ears: Ears): Promise<HeardPause[]> {
  const { signal } = new AbortController();
  const vad = ears.vad.open({ callId: 'endpointing' });
  const pauses: HeardPause[] = [];
  let open: OpenPause | undefined;
  let state = initialTurnState({ ...defaultTurnSettings, respond: false });
  let startMs = 0;
  const note = (untilMs: number, final: boolean): void => {
    if (open) {
      const { speechEndMs, ...known } = open;
      pauses.push({ ...known, offsetMs: speechEndMs - endMs, durationMs: untilMs - speechEndMs, final });
    }
    open = undefined;
  };
  for (let at = 0; at + vadWindowSamples <= samples.length; at += vadWindowSamples) {
    const end = at + vadWindowSamples;
    const atMs = end / (rateHz / 1_000);
    const probability = await vad.push(samples.slice(at, end));
    const step = reduceTurn(state, { type: 'window', probability, windowMs: vadWindowMs, atMs, seenMs: atMs });
    state = step.state;
    const heard = (): Float32Array => samples.slice(samplesOf(Math.max(0, startMs - preRollMs), rateHz), end);
    const look = async (): Promise<HeardLook> => {
      const recent = heard().slice(-samplesOf(ears.endOfTurn.lookBackMs, rateHz));
      const { probability: complete } = await ears.endOfTurn.predict(recent, { signal });
      return { silenceMs: atMs - (open?.speechEndMs ?? atMs), probability: complete };
    };
    for (const command of step.commands) {
      if (command.type === 'open-turn') startMs = command.startMs;
      else if (command.type === 'resume-turn') note(atMs - defaultTurnSettings.endpointing.startMs, false);
      else if (command.type === 'suspect-end') {
        const { speechEndMs } = command;
        const voicedMs = state.listening.phase === 'pause' ? state.listening.voicedMs : 0;
        const { text } = await transcribeAtOnce(heard(), ears.stt, defaultAgent.keywords);
        const prosody = prosodyOf(samples.slice(samplesOf(startMs, rateHz), samplesOf(speechEndMs, rateHz)));
        open = { speechEndMs, text, looks: [], voicedMs, prosody };
      }
    }
    const due = open && lookSilencesMs[open.looks.length];
    if (open && due !== undefined && atMs - open.speechEndMs >= due) open.looks.push(await look());
  }
  note(samples.length / (rateHz / 1_000), true);
  vad.close();
  return pauses;
}

function prosodyOf(speech: Float32Array): Prosody {
  const decayDb = speechDecayDb(speech, rateHz, 0);
  const all = pitchTrack(speech.slice(-samplesOf(3_000, rateHz)), rateHz);
  const last = pitchTrack(speech.slice(-samplesOf(300, rateHz)), rateHz);
  const middle = [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];
  const [first] = last;
  const final = last.at(-1);
  if (middle === undefined || first === undefined || final === undefined) return { decayDb, pitchSt: 0, slopeSt: 0 };
  return { decayDb, pitchSt: semitones(final, middle), slopeSt: semitones(final, first) };
}
