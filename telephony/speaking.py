"""What a caller hears: words in pieces short enough to interrupt, and every question by key too."""

import re
from typing import Final

from twilio.twiml.voice_response import Gather, Say, VoiceResponse

from helpline.guide.wording import seconds
from helpline.phone_words import read_phone_words, spoken_words
from helpline.service import Service

LANGUAGE: Final = "en-GB"
# A generic model: Twilio may change to another recogniser when one is down; en-GB is supported.
MODEL: Final = "experimental_conversations"
END_OF_SPEECH_SECONDS: Final = 3  # people in distress pause
MOST_SECONDS: Final = 20
PIECE_PAUSE_SECONDS: Final = 1
MOST_HINTS: Final = 500
MOST_HINT: Final = 100

_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")


def pieces(text: str, most: float = MOST_SECONDS) -> list[str]:
    """Return `text` in pieces of at most `most` seconds, cut where sentences (or words) end."""
    found: list[str] = []
    for sentence in _SENTENCE.split(" ".join(text.split())):
        for part in _short(sentence, most):
            if found and seconds(f"{found[-1]} {part}") <= most:
                found[-1] = f"{found[-1]} {part}"
            elif part:
                found.append(part)
    return found


def _short(sentence: str, most: float) -> list[str]:
    if seconds(sentence) <= most:
        return [sentence]
    words = sentence.split()
    middle = len(words) // 2
    return [*_short(" ".join(words[:middle]), most), *_short(" ".join(words[middle:]), most)]


def static_voice(text: str, voice: str) -> str:
    """Return a document that says `text` and hangs up, for a host that runs no code of ours."""
    document = VoiceResponse()
    for piece in pieces(text):
        document.say(piece, voice=voice, language=LANGUAGE)
    document.hangup()
    return str(document)


class Speech:
    """One answer to the carrier, built verb by verb with Twilio's library."""

    def __init__(self, service: Service, *, slow: bool = False, prison: str | None = None) -> None:
        self._service = service
        self._slow = slow
        self._prison = prison
        self.document = VoiceResponse()

    def words(self, key: str, /, **fields: str) -> str:
        """Return one of the spoken words, for this caller's prison."""
        return spoken_words(self._service, key, self._prison, **fields)

    def say(self, text: str) -> "Speech":
        """Say something that nothing interrupts."""
        for piece in pieces(text):
            self._say(self.document, piece)
        return self

    def ask(self, text: str, action: str, *, wait: int = 6) -> "Speech":
        """Say something and listen, for words or one key; each piece of it can be interrupted.

        `action` hears of silence too: no call ends because nobody spoke.
        """
        *before, last = pieces(text) or [""]
        for piece in before:
            gather = self._gather(action, wait=PIECE_PAUSE_SECONDS, on_silence=False)
            self._say(gather, piece)
            self.document.append(gather)
        gather = self._gather(action, wait=wait, on_silence=True)
        if last:
            self._say(gather, last)
        self.document.append(gather)
        return self

    def ask_key(
        self, text: str, action: str, *, wait: int = 8, on_silence: bool = True
    ) -> "Speech":
        """Say something and wait for one key."""
        gather = Gather(
            input="dtmf",
            action=action,
            method="POST",
            num_digits=1,
            finish_on_key="",
            timeout=wait,
            action_on_empty_result=on_silence,
        )
        for piece in pieces(text):
            self._say(gather, piece)
        self.document.append(gather)
        return self

    def ask_number(self, text: str, action: str) -> "Speech":
        """Say something and wait for a telephone number, by keys up to the hash key or by voice."""
        gather = Gather(
            input="dtmf speech",
            action=action,
            method="POST",
            finish_on_key="#",
            timeout=8,
            language=LANGUAGE,
            speech_model="numbers_and_commands",
            speech_timeout=END_OF_SPEECH_SECONDS,
            profanity_filter=False,
            action_on_empty_result=True,
        )
        for piece in pieces(text):
            self._say(gather, piece)
        self.document.append(gather)
        return self

    def pause(self, length: int = 1) -> "Speech":
        """Be silent for some seconds."""
        self.document.pause(length=length)
        return self

    def redirect(self, path: str) -> "Speech":
        """Go on with another document."""
        self.document.redirect(path, method="POST")
        return self

    def hang_up(self) -> "Speech":
        """End the call."""
        self.document.hangup()
        return self

    def _gather(self, action: str, *, wait: int, on_silence: bool) -> Gather:
        return Gather(
            input="dtmf speech",
            action=action,
            method="POST",
            num_digits=1,
            finish_on_key="",
            timeout=wait,
            language=LANGUAGE,
            speech_model=MODEL,
            speech_timeout=END_OF_SPEECH_SECONDS,
            profanity_filter=False,  # it would turn what happened to someone into asterisks
            hints=hints(self._service),
            action_on_empty_result=on_silence,
        )

    def _say(self, into: VoiceResponse | Gather, text: str) -> None:
        voice = self._service.settings.voice
        if not self._slow:
            into.say(text, voice=voice, language=LANGUAGE)
            return
        say = Say(voice=voice, language=LANGUAGE)
        say.prosody(text, rate="slow")
        into.append(say)


def hints(service: Service) -> str:
    """Return the words callers are likely to say, for the recogniser: prisons first."""
    prisons = [prison.short_name for prison in service.guide.contacts.prisons.values()]
    words = [*read_phone_words(service.settings.guide_folder).hints, *prisons]
    return ",".join(word.replace(",", " ")[:MOST_HINT] for word in words[:MOST_HINTS])
