"""Twilio's documented verbs and attributes (twilio.com/docs/voice/twiml), as they are checked."""

from xml.etree import ElementTree as ET

MOST_BYTES = 64 * 1024
MOST_SAY = 3000  # characters of one Say with a Polly voice
ATTRIBUTES = {
    "Response": set(),
    "Say": {"voice", "language", "loop"},
    "prosody": {"rate", "pitch", "volume"},
    "Pause": {"length"},
    "Gather": {
        "action", "finishOnKey", "hints", "input", "language", "method", "numDigits",
        "partialResultCallback", "partialResultCallbackMethod", "profanityFilter",
        "speechTimeout", "timeout", "speechModel", "enhanced", "actionOnEmptyResult",
    },
    "Redirect": {"method"},
    "Hangup": set(),
    "Reject": {"reason"},
    "Record": {
        "action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim",
        "recordingStatusCallback", "recordingStatusCallbackEvent",
        "recordingStatusCallbackMethod", "transcribe", "transcribeCallback",
    },
    "Enqueue": {"action", "maxQueueSize", "method", "waitUrl", "waitUrlMethod", "workflowSid"},
    "Leave": set(),
    "Dial": {
        "action", "answerOnBridge", "callerId", "hangupOnStar", "method", "record",
        "recordingStatusCallback", "ringTone", "sequential", "timeLimit", "timeout",
    },
    "Queue": {"url", "method"},
    "Number": {
        "sendDigits", "statusCallbackEvent", "statusCallback", "statusCallbackMethod", "url",
        "method", "byoc", "machineDetection",
    },
    "Message": {"to", "from", "action", "method"},
}  # fmt: skip
INSIDE = {
    "Response": set(ATTRIBUTES) - {"Response", "prosody", "Queue", "Number"},
    "Gather": {"Say", "Pause"},
    "Say": {"prosody"},
    "Dial": {"Queue", "Number"},
}
IN_HOLD = {"Response", "Say", "Pause", "Gather", "Redirect", "Leave", "Hangup", "prosody"}


def faults(document: str, *, hold: bool = False) -> list[str]:
    """Return what Twilio would complain of in a document; `hold`: it is played to one who waits."""
    found = [] if len(document.encode()) <= MOST_BYTES else ["over 64 kB (11750)"]
    if not document.startswith("<?xml"):
        found.append("something before <?xml (12100)")
    root = ET.fromstring(document)  # noqa: S314 - our own answer
    for element in root.iter():
        if element.tag not in ATTRIBUTES:
            found.append(f"{element.tag} is no verb")
            continue
        unknown = set(element.attrib) - ATTRIBUTES[element.tag]
        found += [f"{element.tag} has no {name} (12200)" for name in unknown]
        allowed = INSIDE.get(element.tag, set())
        astray = [child.tag for child in element if child.tag not in allowed]
        found += [f"{tag} cannot stand in {element.tag}" for tag in astray]
        if hold and element.tag not in IN_HOLD:
            found.append(f"{element.tag} cannot be played to one who waits")
        found += _values(element)
    return found


def _values(element: ET.Element) -> list[str]:
    addresses = ("action", "waitUrl", "statusCallback", "recordingStatusCallback", "url")
    found = [
        f"{element.tag} {name} is not ours"
        for name in addresses
        if not element.get(name, "/telephony/").startswith("/telephony/")
    ]
    if element.tag == "Gather":
        found += _gather(element)
    if element.tag == "Say":
        words = "".join(element.itertext())
        if not words.strip() or len(words) > MOST_SAY:
            found.append(f"a Say of {len(words)} characters")
        if element.get("language") != "en-GB":
            found.append("a Say that is not en-GB")
    return found


def _gather(gather: ET.Element) -> list[str]:
    found = []
    if "action" not in gather.attrib:
        found.append("a Gather without action loops")
    hints = gather.get("hints", "").split(",")
    if len(hints) > 500 or any(len(hint) > 100 for hint in hints):
        found.append("hints are too many or too long")
    if "speech" in gather.get("input", ""):
        if gather.get("profanityFilter") != "false":
            found.append("a Gather that masks words")
        if not gather.get("speechTimeout", "").isdecimal():
            found.append("speechTimeout must be whole seconds with a speechModel (13335)")
        if gather.get("language") != "en-GB":
            found.append("a Gather that is not en-GB")
    return found
