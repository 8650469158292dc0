import json
import re

from studio.browser import alone, npm
from yinse.app.document import openapi_document
from yinse.quality.rules import RULES
from yinse.service import problems
from yinse.service.voices.tables import VoiceState


def test_the_client_is_generated_from_what_the_service_serves(root):
    committed = json.loads((root / "studio" / "openapi.json").read_text("utf-8"))
    assert committed == openapi_document(), "run: yinse serve --openapi studio/openapi.json"


def test_types_style_and_logic_hold(studio_source):
    with alone(studio_source):
        npm(studio_source, "run", "check")
        npm(studio_source, "test")


# What no page can meet: the command line's, the conversation socket's, and requests the studio never makes.
ELSEWHERE = {
    "bad_request",
    "consent_used",
    "http_error",
    "insecure_configuration",
    "method_not_allowed",
    "no_such_part",
    "not_cancellable",
    "telemetry_missing",
    "too_many_contexts",
    "too_many_dictionaries",
    "too_many_members",
}


def test_the_studio_has_words_for_every_error_of_the_service(root):
    classes = {kind.code for kind in problems.STATUS}
    folders = ("contracts", "service", "serving")
    sources = "".join(
        file.read_text("utf-8") for name in folders for file in (root / "src/yinse" / name).rglob("*.py")
    )
    raised = set(re.findall(r'\bcode="([a-z_]+)"', sources)) | set(
        re.findall(r'Failed\(\s*"([a-z_]+)"', sources)
    )
    # What a voice is instead of ready is part of a code.
    assert set(re.findall(r'\bcode=f"([^"]*)"', sources)) <= {"voice_{row.state}", "voice_{voice.state}"}
    raised |= {f"voice_{state.value}" for state in VoiceState if state is not VoiceState.READY}
    words = (root / "studio/src/i18n/en.ts").read_text("utf-8").partition("problems: {")[2]
    known = set(re.findall(r"^ {4}(\w+):", words, re.MULTILINE))
    assert len(raised) > 10
    assert (classes | raised | set(problems._HTTP_CODES.values())) - ELSEWHERE - known == set()


def test_the_studio_has_words_for_every_figure_of_the_engine(root):
    sources = [file.read_text("utf-8") for file in (root / "src/yinse/serving").glob("*.py")]
    bodies = [text.partition("def gauges(self)")[2].partition("\n    async def")[0] for text in sources]
    figures = {name for body in bodies for name in re.findall(r'"(\w+)":', body)}
    words = (
        (root / "studio/src/i18n/en.ts").read_text("utf-8").partition("\n    names: {")[2].partition("}")[0]
    )
    assert len(figures) > 5
    assert figures - set(re.findall(r"^ {6}(\w+):", words, re.MULTILINE)) == set()


def test_the_studio_has_words_for_every_check_of_a_recording(root):
    words = (
        (root / "studio/src/i18n/en.ts").read_text("utf-8").partition("\n  checks: {")[2].partition("}")[0]
    )
    known = set(re.findall(r"^ {4}(\w+):", words, re.MULTILINE))
    assert {rule.id for rule in RULES} == known
