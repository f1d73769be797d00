"""One call of Smallest.ai's Python package: CALL FOLDER. Audio goes to FOLDER/audio.pcm, text to standard output as JSON."""

import json
import os
import sys
from pathlib import Path

from smallestai import SmallestAI
from smallestai.environment import SmallestAIEnvironment
from smallestai.waves import TTSConfig, WavesStreamingTTS

call, folder = sys.argv[1], Path(sys.argv[2])
http = os.environ["PARLEY"]
socket = http.replace("http", "ws", 1)
key = os.environ["KEY"]
text = os.environ["TEXT"]
pcm = (folder / "sentence.pcm").read_bytes()
waves = SmallestAI(
    api_key=key,
    environment=SmallestAIEnvironment(atoms=f"{http}/atoms/v1", waves=http, waves_ws=socket, payment=http),
    max_retries=0,
).waves
speech = {"text": text, "voice_id": "magnus", "sample_rate": 24000, "output_format": "pcm"}


def keep(audio):
    (folder / "audio.pcm").write_bytes(audio)
    return {}


def streamed():
    streaming = WavesStreamingTTS(TTSConfig(voice_id="magnus", api_key=key))
    streaming.ws_url = f"{socket}/waves/v1/tts/live"
    return streaming


def live():
    asked = {
        "additional_query_parameters": {
            "model": "pulse",
            "language": "en",
            "encoding": "linear16",
            "sample_rate": 16000,
        }
    }
    finals = []
    with waves.speech_to_text.stream(request_options=asked) as session:
        for start in range(0, len(pcm), 4096):
            session.send_audio_chunk_out(pcm[start : start + 4096])
        session._send({"type": "close_stream"})
        while True:
            message = session.recv()
            if getattr(message, "is_final", False):
                finals.append(message.transcript)
            if getattr(message, "is_last", False):
                return {"text": " ".join(finals)}


def batch(model):
    wav = (folder / "sentence.wav").read_bytes()
    answer = waves.speech_to_text.transcribe(model=model, language="en", request=wav, word_timestamps=True)
    return {"text": answer.transcription, "words": [word.word for word in answer.words or []]}


def electron():
    question = [{"role": "user", "content": "What is the capital of France? Answer with one word."}]
    answer = waves.electron.complete(model="electron", messages=question)
    return {"text": answer.choices[0].message.content}


def voices():
    return {"voices": [voice.voice_id for voice in waves.get_voices(model="lightning-v3.1").voices]}


def dictionaries():
    made = waves.create_pronunciation_dict(items=[{"word": "tee", "pronunciation": "tea"}])
    listed = [each.id for each in waves.get_pronunciation_dicts()]
    gone = waves.delete_pronunciation_dict(id=made.id)
    return {"listed": made.id in listed, "deleted": gone.deleted}


calls = {
    "synthesize_tts": lambda: keep(b"".join(waves.synthesize_tts(**speech))),
    "WavesStreamingTTS.synthesize": lambda: keep(b"".join(streamed().synthesize(text))),
    "WavesStreamingTTS.synthesize_streaming": lambda: keep(
        b"".join(streamed().synthesize_streaming(word + " " for word in text.split()))
    ),
    "speech_to_text.transcribe pulse": lambda: batch("pulse"),
    "speech_to_text.transcribe pulse-pro": lambda: batch("pulse-pro"),
    "speech_to_text.stream": live,
    "electron.complete": electron,
    "get_voices": voices,
    "pronunciation dictionaries": dictionaries,
}
print(json.dumps(calls[call]()))
