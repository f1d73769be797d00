import { defaultAgent } from '../../src/agents/default-agent.js';
import { nodeSockets } from '../../src/client/node-socket.js';
import { connectRealtime } from '../../src/client/realtime-client.js';
import { ClauseCutter } from '../../src/conversation/think/clauses.js';
import { type ChatMessage, replyTo } from './chat-request.js';
import type { ApiType, Turn } from './conversation.js';
import { speechOf } from './speech-request.js';

/** The same agent, as a client tells it to the language model: all of it in the system message, which the server keeps. */
const prompt: readonly ChatMessage[] = [
  {
    role: 'system',
    content: [
      defaultAgent.instructions,
      'Examples:',
      ...(defaultAgent.examples ?? []).map(({ role, text }) => `${role === 'user' ? 'Caller' : 'You'}: ${text}`),
    ].join('\n'),
  },
];

/**
 * Three modules and a client that joins them: a transcription session, chat completions for each final transcript, and
 * speech for each clause of the reply as soon as it is written.
 */
export const modularSockets: ApiType = {
  name: 'modular (transcription, chat, speech)',
  async open(host) {
    const history: ChatMessage[] = [];
    let turn: Turn | undefined;
    let said = '';
    let answering = new AbortController();

    const answer = async (to: Turn, signal: AbortSignal): Promise<void> => {
      const cutter = new ClauseCutter();
      let reply = '';
      const speak = async (clauses: readonly string[]): Promise<void> => {
        for (const clause of clauses) {
          mark(to, 'first_clause');
          for await (const { samples, atMs } of speechOf(host, clause, signal)) {
            mark(to, 'first_audio');
            to.heard.add(samples, atMs);
          }
        }
      };
      // What is written meanwhile is spoken behind it.
      let spoken: Promise<void> = Promise.resolve();
      const user: ChatMessage = { role: 'user', content: said };
      for await (const text of replyTo(host, [...prompt, ...history, user], signal)) {
        mark(to, 'first_token');
        reply += text;
        const clauses = cutter.push(text);
        if (clauses.length === 0) continue;
        spoken = spoken.then(() => speak(clauses));
        // It is awaited below.
        spoken.catch(() => {});
      }
      const rest = cutter.end();
      await spoken;
      if (rest) await speak([rest]);
      history.push(user, { role: 'assistant', content: reply });
      to.answered();
    };

    const client = await connectRealtime({
      url: `ws://${host}/v1/realtime?intent=transcription`,
      openSocket: nodeSockets(),
      onEvent(event) {
        if (event.type !== 'conversation.item.input_audio_transcription.completed' || !turn) return;
        // A turn that was cut in two is answered as one.
        said = `${said} ${event.transcript}`.trim();
        answering.abort();
        answering = new AbortController();
        turn.marks.clear();
        mark(turn, 'final');
        const { signal } = answering;
        answer(turn, signal).catch((error: Error) => {
          if (!signal.aborted) process.stderr.write(`  ${error.message}\n`);
        });
      },
    });
    client.send({ type: 'session.update', session: { type: 'transcription' } });
    return {
      send: (audio) => client.send({ type: 'input_audio_buffer.append', audio }),
      begin(next) {
        turn = next;
        said = '';
      },
      async close() {
        answering.abort();
        await client.close();
      },
    };
  },
};

/** Notes when something has happened first, in ms behind the end of speech. */
function mark({ marks, endMs }: Turn, name: string): void {
  if (!marks.has(name)) marks.set(name, performance.now() - endMs);
}
