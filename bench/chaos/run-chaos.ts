import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallResult } from '../../src/cli/call/call-result.js';
import type { CallerClip } from '../../src/cli/call/clip.js';
import { runCall } from '../../src/cli/call/run-call.js';
import { nodeSockets } from '../../src/client/node-socket.js';
import { defaultPhraseTexts } from '../../src/conversation/phrases.js';
import { startRealServer } from '../../test/support/real-server.js';
import { hostsOf, isAlive, signalProcess } from './host-processes.js';
import { type ChaosCounts, type Disturbance, planChaos } from './plan.js';
import { longestSilences } from './silences.js';

export type ChaosTurn = {
  readonly call: number;
  readonly turn: number;
  readonly disturbed: boolean;
  readonly longestSilenceMs: number;
  readonly answer: 'content' | 'apology' | 'none';
  readonly transcript: string;
  readonly reply: string;
};

export type Struck = {
  readonly call: number;
  readonly turn: number;
  readonly engine: string;
  readonly signal: Disturbance['signal'];
  /** A stopped process must be found and ended by the server. */
  readonly gone: boolean;
};

export type ChaosReport = {
  readonly turns: readonly ChaosTurn[];
  readonly struck: readonly Struck[];
  /** Planned, but no host was there to be struck. */
  readonly missed: number;
  /** Calls that broke off, with the reason. */
  readonly lostCalls: readonly string[];
  /** Problems that the server told the client of, in words. */
  readonly problems: readonly string[];
  /** Deaths that the server noticed: more than were caused are its own mistakes. */
  readonly deaths: readonly { readonly host: string; readonly detail: string }[];
  /** Lines of the server that speak of an error that nobody handled. */
  readonly unhandled: readonly string[];
  readonly readyAtEnd: unknown;
  readonly exitCode: number | null;
};

/** Random moments reach this far behind the caller's last word: the answer is being made or heard. */
const afterSpeechMs = 4_000;
/** Between the end of one turn's reply and the next recording, roughly. */
const betweenTurnsMs = 300;
const greetingMs = 3_500;
/** A stopped host is found within about a second; a busy machine gets more. */
const foundWithinMs = 8_000;
const recoverWithinMs = 60_000;

export type ChaosOptions = ChaosCounts & {
  readonly clips: readonly CallerClip[];
  readonly onProgress?: (line: string) => void;
  /** The server's recordings and event logs of the calls are kept here. */
  readonly keep?: string;
};

/** Calls with the real server and its real hosts, which are killed and stopped while it talks. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { clips, onProgress = () => {} } = options;
  const plan = planChaos(options);
  const dataDir = options.keep ?? (await mkdtemp(join(tmpdir(), 'parley-chaos-')));
  let output = '';
  const server = await startRealServer({
    readyWithinMs: 600_000,
    env: { PARLEY_DATA_DIR: dataDir, PARLEY_LOG_LEVEL: 'warn' },
    onOutput: (text) => {
      output += text;
    },
  });
  const url = `${server.url.replace('http', 'ws')}v1/realtime?model=parley`;
  const turns: ChaosTurn[] = [];
  const struck: Struck[] = [];
  const lostCalls: string[] = [];
  const problems: string[] = [];
  let missed = 0;
  let clipsPlayed = 0;
  let readyAtEnd: unknown;
  let exitCode: number | null = null;
  try {
    for (const [call, disturbances] of plan.calls.entries()) {
      const played = [...disturbances, []].map(() => clips[clipsPlayed++ % clips.length] as CallerClip);
      const checks: Promise<void>[] = [];
      const over = new AbortController();
      const strike = async (turn: number, { signal, host }: Disturbance): Promise<void> => {
        const hosts = await hostsOf(server.pid);
        const victim = hosts[Math.floor(host * hosts.length)];
        if (!victim || !signalProcess(victim.pid, signal)) {
          missed += 1;
          return;
        }
        onProgress(`call ${call + 1} turn ${turn + 1}: ${signal} ${victim.engine}`);
        const untilMs = performance.now() + foundWithinMs;
        while (isAlive(victim.pid) && performance.now() < untilMs) await pause(100);
        const gone = !isAlive(victim.pid);
        if (!gone) signalProcess(victim.pid, 'SIGKILL');
        struck.push({ call, turn, engine: victim.engine, signal, gone });
      };
      const disturb = async (turn: number, beginsInMs: number): Promise<void> => {
        const spanMs = (played[turn]?.speech.endMs ?? 0) + afterSpeechMs;
        let waitedMs = 0;
        for (const each of disturbances[turn] ?? []) {
          const atMs = beginsInMs + each.moment * spanMs;
          await pause(Math.max(0, atMs - waitedMs), undefined, { signal: over.signal }).catch(() => {});
          waitedMs = atMs;
          // Not awaited: the next one comes at its own moment. A short turn does not spare its hosts.
          checks.push(strike(turn, each));
        }
      };
      checks.push(disturb(0, greetingMs));
      const result = await runCall({
        url,
        clips: played,
        openSocket: nodeSockets(),
        onUpdate: (update) => {
          if (update.type === 'turn') checks.push(disturb(update.turn.turn, betweenTurnsMs));
        },
      });
      over.abort();
      // Checks may add checks.
      for (let at = 0; at < checks.length; at++) await checks[at];
      turns.push(...judged(call, result, disturbances));
      problems.push(...result.serverErrors.map((message) => `call ${call + 1}: ${message}`));
      if (result.ended !== 'completed') lostCalls.push(`call ${call + 1}: ${result.failure?.message ?? result.ended}`);
      for (const turn of turns.filter((each) => each.call === call))
        onProgress(
          `call ${call + 1} turn ${turn.turn + 1}: ${Math.round(turn.longestSilenceMs)} ms, ${turn.answer}: ${turn.reply}`,
        );
    }
    readyAtEnd = await settled(server.url);
  } finally {
    exitCode = await server.stop();
    if (options.keep === undefined) await rm(dataDir, { recursive: true, force: true });
  }
  return { turns, struck, missed, lostCalls, problems, ...read(output), readyAtEnd, exitCode };
}

function judged(call: number, result: CallResult, disturbances: readonly (readonly Disturbance[])[]): ChaosTurn[] {
  const silences = longestSilences(result);
  return result.turns.map(({ reply, transcript }, turn) => ({
    call,
    turn,
    disturbed: (disturbances[turn] ?? []).length > 0,
    longestSilenceMs: silences[turn] ?? 0,
    answer: answerOf(reply),
    transcript,
    reply,
  }));
}

function answerOf(reply: string): ChaosTurn['answer'] {
  const { apology, reprompt } = defaultPhraseTexts;
  if (reply.includes(apology) || reply.includes(reprompt)) return 'apology';
  return reply === '' ? 'none' : 'content';
}

/** What the server says of itself once every host had time to come back. */
async function settled(url: string): Promise<unknown> {
  const untilMs = performance.now() + recoverWithinMs;
  for (;;) {
    const response = await fetch(new URL('/ready', url), { signal: AbortSignal.timeout(5_000) });
    const body = (await response.json()) as { readonly status?: string };
    if (body.status === 'ready' || performance.now() > untilMs) return body;
    await pause(250);
  }
}

function read(output: string): Pick<ChaosReport, 'deaths' | 'unhandled'> {
  const deaths: { host: string; detail: string }[] = [];
  const unhandled: string[] = [];
  for (const line of output.split('\n')) {
    if (/unhandled|uncaught/i.test(line)) unhandled.push(line);
    if (!line.startsWith('{') || !line.includes('"type":"died"')) continue;
    const { host, detail } = JSON.parse(line) as { host: string; detail: string };
    deaths.push({ host, detail });
  }
  return { deaths, unhandled };
}
