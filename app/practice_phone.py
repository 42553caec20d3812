"""The practice exchange as a process, and the practice phone on a terminal."""

import click
import httpx

from app.environment import ConfigurationError
from app.wiring import build_service, give_practice_phones
from helpline.phone_words import read_practice_phone
from helpline.settings import Settings
from telephony.account import Account, account_of
from telephony.practice import server

HELP = (
    "ring | text WORDS | say WORDS | press KEYS | nothing | record | hangup | look | quit; as a "
    "worker: answer | refuse | ringout | wpress KEYS | whangup"
)
WORKER = {
    "answer": "answer",
    "refuse": "refuse",
    "ringout": "ring_out",
    "wpress": "press",
    "whangup": "hang_up",
}
FAMILY = {
    "say": "say",
    "press": "press",
    "nothing": "silence",
    "record": "record",
    "hangup": "hang_up",
}
LIVE = {"queued", "initiated", "ringing", "in-progress"}


def serve(settings: Settings) -> None:
    """Serve the exchange until the process ends; the practice workers get their made-up numbers."""
    account = _practice_account(settings)
    build_service(settings)
    give_practice_phones(settings)
    server.serve(account)


def play(settings: Settings) -> None:
    """Read commands from the terminal and do them at the practice phone."""
    account = _practice_account(settings)
    number = read_practice_phone(settings.guide_folder).families[0].number
    with httpx.Client(
        base_url=account.api_base,
        auth=(account.sid, account.token),
        trust_env=False,
        timeout=20,
    ) as client:
        terminal = Terminal(client, number)
        click.echo(f"Practice phone: nothing reaches a real phone. {HELP}")
        while (line := click.prompt("phone", default="look", show_default=False)) != "quit":
            try:
                terminal.do(line)
            except httpx.HTTPError as error:
                message = "The practice exchange does not answer; start it with `make run`."
                raise ConfigurationError(message) from error


class Terminal:
    """One family's phone and whichever worker's phone is live, as lines of text."""

    def __init__(self, client: httpx.Client, number: str) -> None:
        self._client = client
        self._number = number
        self._shown: dict[str, int] = {}
        self._texts = 0

    def do(self, line: str) -> None:
        """Do one command and print what is new."""
        name, _, value = line.strip().partition(" ")
        if name == "ring":
            self._post("/control/ring", caller=self._number)
        elif name == "text":
            self._post("/control/text", sender=self._number, body=value)
        elif name in FAMILY or name in WORKER:
            leg = self._live(inbound=name in FAMILY)
            if leg is None:
                click.echo("There is no such call.")
            else:
                what = FAMILY.get(name) or WORKER[name]
                self._post(f"/control/legs/{leg}", what=what, value=value)
        elif name != "look":
            click.echo(HELP)
        self._show()

    def _post(self, path: str, **data: str) -> None:
        self._client.post(path, data=data).raise_for_status()

    def _state(self) -> dict[str, list[dict[str, object]]]:
        found: dict[str, list[dict[str, object]]] = self._client.get("/control/state").json()
        return found

    def _live(self, *, inbound: bool) -> str | None:
        legs = [
            leg
            for leg in self._state()["legs"]
            if leg["status"] in LIVE and (leg["direction"] == "inbound") is inbound
        ]
        return str(legs[-1]["sid"]) if legs else None

    def _show(self) -> None:
        state = self._state()
        for leg in state["legs"]:
            heard = leg["heard"]
            if not isinstance(heard, list):
                continue
            who = "family" if leg["direction"] == "inbound" else "worker"
            for line in heard[self._shown.get(str(leg["sid"]), 0) :]:
                click.echo(f"  [{who}] {line['who']}: {line['words']}")
            self._shown[str(leg["sid"])] = len(heard)
            if leg["waits"] == "pick_up":
                click.echo(f"  [{who}] a phone rings")
        for text in state["texts"][self._texts :]:
            click.echo(f"  [text] {text['from']} to {text['to']}: {text['body']}")
        self._texts = len(state["texts"])


def _practice_account(settings: Settings) -> Account:
    account = account_of(settings)
    if account is None or not account.practice:
        raise ConfigurationError(
            "The practice phone exists in practice mode only: take Twilio's settings away."
        )
    return account
