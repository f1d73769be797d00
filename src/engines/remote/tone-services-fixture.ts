import { concatSamples } from '../../audio/frame.js';
import { decodePcm16, encodePcm16 } from '../../audio/pcm.js';
import { readWav } from '../../audio/wav.js';
import { decodeTones } from '../../testing/tone-decoder.js';
import { speakTones, type ToneVocabulary } from '../../testing/tone-words.js';
import type { ScriptedAnswer, ScriptedService } from './scripted-service-fixture.js';

/** Silence in front, as services have it. */
const leadMs = 300;
const voiceRateHz = 24_000;
/** An odd number: samples are cut in two. */
const pieceBytes = 9_001;

function spoken(text: string, vocabulary: ToneVocabulary, speed: number) {
  const { samples, words } = speakTones(text, { rateHz: voiceRateHz, vocabulary, speed });
  return { bytes: encodePcm16(concatSamples([new Float32Array((leadMs * voiceRateHz) / 1_000), samples])), words };
}

async function sendPieces(answer: ScriptedAnswer, bytes: Buffer): Promise<void> {
  answer.begin('application/octet-stream');
  for (let at = 0; at < bytes.length && !answer.left; at += pieceBytes)
    await answer.write(bytes.subarray(at, at + pieceBytes));
  answer.end();
}

/** Speaks in tones, to OpenAI's and Deepgram's requests. */
export function speaksPcm(service: ScriptedService, vocabulary: ToneVocabulary): void {
  service.answer = (request, answer) => {
    const body = JSON.parse(request.body.toString('utf8')) as { input?: string; text?: string; speed?: number };
    const speed = body.speed ?? Number(request.query.get('speed') ?? 1);
    return sendPieces(answer, spoken(body.input ?? body.text ?? '', vocabulary, speed).bytes);
  };
}

/** The same to ElevenLabs' requests, with the times of characters. */
export function speaksWithTimes(service: ScriptedService, vocabulary: ToneVocabulary): void {
  service.answer = async (request, answer) => {
    const body = JSON.parse(request.body.toString('utf8')) as { text: string; voice_settings?: { speed?: number } };
    const { bytes, words } = spoken(body.text, vocabulary, body.voice_settings?.speed ?? 1);
    answer.begin('application/json');
    let at = 0;
    for (const [index, word] of words.entries()) {
      const next = words[index + 1];
      const endBytes = next ? 2 * Math.round(((next.startMs + leadMs) * voiceRateHz) / 1_000) : bytes.length;
      const characters = [...(index === 0 ? '' : ' '), ...word.text];
      const startS = (word.startMs + leadMs) / 1_000;
      const stepS = (word.endMs - word.startMs) / 1_000 / characters.length;
      const alignment = {
        characters,
        character_start_times_seconds: characters.map((_, each) => startS + each * stepS),
        character_end_times_seconds: characters.map((_, each) => startS + (each + 1) * stepS),
      };
      if (answer.left) return;
      await answer.write(
        `${JSON.stringify({ audio_base64: bytes.subarray(at, endBytes).toString('base64'), alignment })}\n`,
      );
      at = endBytes;
    }
    answer.end();
  };
}

function wordsOf(samples: Float32Array, vocabulary: ToneVocabulary) {
  return decodeTones(samples, { rateHz: 16_000, vocabulary }).map((word) => ({
    word: word.text,
    start: word.startMs / 1_000,
    end: word.endMs / 1_000,
    confidence: 0.9,
  }));
}

/** Hears tones in files, to OpenAI's requests. */
export function transcribesFiles(service: ScriptedService, vocabulary: ToneVocabulary): void {
  service.answer = async (request, answer) => {
    const form = await new Response(new Uint8Array(request.body), {
      headers: { 'content-type': request.headers['content-type'] ?? '' },
    }).formData();
    const file = form.get('file');
    if (!(file instanceof Blob)) return answer.refuse(400, 'no file');
    const { channels } = readWav(new Uint8Array(await file.arrayBuffer()));
    const words = wordsOf(channels[0] ?? new Float32Array(0), vocabulary);
    return answer.json({ text: words.map(({ word }) => word).join(' '), words });
  };
}

/** Hears tones in a stream as Deepgram tells it: guesses, and settled spans at the latest after 1.5 s or when asked. */
export function hearsStreams(service: ScriptedService, vocabulary: ToneVocabulary): void {
  const settleSamples = 24_000;
  service.onSocket = (socket) => {
    let heard: Float32Array = new Float32Array(0);
    let settled = 0;
    const results = (until: number, fields: Record<string, unknown>) => {
      const offsetS = settled / 16_000;
      const words = wordsOf(heard.subarray(settled, until), vocabulary).map((word) => ({
        ...word,
        start: word.start + offsetS,
        end: word.end + offsetS,
      }));
      const transcript = words.map(({ word }) => word).join(' ');
      const channel = { alternatives: [{ transcript, confidence: 0.9, words }] };
      const duration = (until - settled) / 16_000;
      socket.send(JSON.stringify({ type: 'Results', start: offsetS, duration, channel, ...fields }));
    };
    socket.on('message', (data: Buffer, binary: boolean) => {
      if (binary) {
        heard = concatSamples([heard, decodePcm16(data)]);
        if (heard.length - settled > settleSamples) {
          // At the end of a word, as a real one would.
          const words = wordsOf(heard.subarray(settled), vocabulary);
          const last = words.at(-2)?.end;
          if (last !== undefined) {
            const until = settled + Math.round(last * 16_000);
            results(until, { is_final: true });
            settled = until;
          }
        } else results(heard.length, { is_final: false });
        return;
      }
      const { type } = JSON.parse(data.toString('utf8')) as { type: string };
      if (type === 'CloseStream') socket.close(1000);
      if (type !== 'Finalize') return;
      results(heard.length, { is_final: true, from_finalize: true });
      settled = heard.length;
    });
  };
}
