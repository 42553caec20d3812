"""Messages that are not in English: recognised, and never mistaken for English or dialect."""

import json
from pathlib import Path

import pytest
import yaml

from helpline.enums import Channel
from helpline.errors import GuideError
from helpline.guide.languages import Foreign, find_foreign, load_languages
from helpline.guide.tokens import TOKEN

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = load_languages()
FALSE_ALARMS = 0.001  # of messages in English, however they are written

SAID = {
    "cy": ["Sut mae gweld meddyg yn y carchar?", "dwi'n poeni am fy mrawd, mae o ddim yn bwyta"],
    "pl": ["Jak mogę skontaktować się z lekarzem?", "moj brat jest chory i nikt mu nie pomaga"],
    "ro": ["Cum pot vorbi cu doctorul din penitenciar?", "fratele meu este bolnav si plange mereu"],
    "sq": [
        "Si mund të flas me mjekun e burgut?",
        "vellai im eshte i semure dhe askush ndihmon",
    ],
    "ar": ["كيف أتصل بالطبيب", "أخي مريض ولا أحد يساعده"],
    "ur": ["میرا بیٹا جیل میں ہے اور اسے دوا نہیں مل رہی", "میں ڈاکٹر سے کیسے بات کروں"],
    "pa": ["ਮੇਰਾ ਪੁੱਤਰ ਜੇਲ੍ਹ ਵਿੱਚ ਹੈ", "ਡਾਕਟਰ"],
    "bn": ["আমার ছেলে জেলে আছে এবং ওষুধ পাচ্ছে না", "ডাক্তার"],
    "pt": ["Como posso falar com o médico da prisão?", "O meu marido está doente e ninguém ajuda"],
    "es": [
        "¿Cómo puedo hablar con el médico de la prisión?",
        "mi hermano esta enfermo, nadie ayuda",
    ],
    "so": ["Sideen ula hadli karaa dhakhtarka xabsiga?", "walaalkay wuu xanuunsan yahay, i caawi"],
}


@pytest.mark.parametrize(("code", "text"), [(c, t) for c, said in SAID.items() for t in said])
def test_the_languages_of_our_families_are_recognised(code: str, text: str) -> None:
    """With accents and without, in any script."""
    assert find_foreign(text, LANGUAGES) == Foreign(code)


@pytest.mark.parametrize(
    "text", ["нет инсулина, помогите", "我的儿子在监狱里", "یک نفر کمک کند لطفا"]
)
def test_a_language_we_have_no_words_in_is_recognised_all_the_same(text: str) -> None:
    """It is not taken for one of ours: Persian is not Urdu, though it shares its letters."""
    assert find_foreign(text, LANGUAGES) == Foreign(None)


@pytest.mark.parametrize(
    "text",
    [
        "is it betsi cadwaladr that runs berwyn",
        "hu runs helthcare in ther",
        "José is very sick",
        "my son Олег is ill in there",
        "are you on TikTok?",
        "merci",
        "2",
    ],
)
def test_english_stays_english(text: str) -> None:
    """Names, textspeak and single words of another language are no other language."""
    assert find_foreign(text, LANGUAGES) is None


def test_english_dialect_and_textspeak_are_not_misjudged() -> None:
    """Of every tenth message families may write, not one in a thousand is taken wrongly."""
    messages = [
        line.strip().removeprefix("- ")
        for path in sorted((ROOT / "data/nlu/guide").glob("*.yml"))
        for block in yaml.safe_load(path.read_text())["nlu"]
        for line in block["examples"].splitlines()
    ]
    for path in sorted((ROOT / "data/safety").glob("*.jsonl")):
        messages += [json.loads(line)["text"] for line in path.read_text().splitlines()]
    looked_at = messages[::10]

    wrong = [text for text in looked_at if find_foreign(text, LANGUAGES) is not None]

    assert len(wrong) <= FALSE_ALARMS * len(looked_at), wrong


@pytest.mark.parametrize("code", sorted(LANGUAGES.languages))
def test_the_words_say_who_to_ring_and_how_to_get_a_person(code: str) -> None:
    """In a chat and in a text of at most three segments; a call has none."""
    own = LANGUAGES.languages[code]

    for channel, person in ((Channel.WEB, "Talk to a person"), (Channel.SMS, "PERSON")):
        words = own.for_channel(channel)
        assert "{{ phone:emergency-999 }}" in words
        assert person in words
    assert len(TOKEN.sub("999", own.sms)) <= 201
    assert own.for_channel(Channel.VOICE) is None


def test_a_broken_file_is_refused_with_its_reason(tmp_path: Path) -> None:
    """An unknown code or field names itself; no file at all is no fault."""
    assert load_languages(tmp_path) is None
    good = (ROOT / "guide_content/languages.yml").read_text()
    for broken, reason in (
        (good.replace("  pl:\n", "  xq:\n"), "xq"),
        (good.replace("    name: Polish\n", "    nom: Polish\n"), "nom"),
    ):
        (tmp_path / "languages.yml").write_text(broken)
        with pytest.raises(GuideError, match=reason):
            load_languages(tmp_path)
