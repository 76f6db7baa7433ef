"""Numbers of things in the form that the number asks for."""

import datetime as dt

import pytest

from meigara.counted import COUNTED, counted, size
from meigara.db.models import SyncRun
from meigara.domain.run import RunStatus
from meigara.i18n import translator
from meigara.reasons import explain_hold, explain_warning
from meigara.sentences import progress_sentence, retraction_sentences, sentence_of
from meigara.services.retracting import Retraction
from scripts.messages import shown_texts

DAY = dt.date(2026, 11, 20)
ENGLISH, JAPANESE = translator("en"), translator("ja")
FILLED = {"longest": "0.4", "newest": "0.4"}


@pytest.mark.parametrize("what", COUNTED)
def test_one_thing_has_a_form_of_its_own_in_english_and_none_in_japanese(what: str) -> None:
    one, many = (counted(ENGLISH, what, number, **FILLED) for number in (1, 2))
    assert one.replace("1", "2") != many
    one, many = (counted(JAPANESE, what, number, **FILLED) for number in (1, 2))
    assert one.replace("1", "2") == many


def test_a_list_of_one_issue_is_told_in_the_singular() -> None:
    run = SyncRun(status=RunStatus.SUCCEEDED, total=1, companies=1, as_of=DAY)
    assert sentence_of(run, ENGLISH) == "Synced: 1 issue (1 company) as of 2026-11-20."
    assert sentence_of(run, JAPANESE) == "同期しました: 1 件 (うち企業 1 社)、2026-11-20 時点。"
    assert size(ENGLISH, 4_447, 3_957) == "4,447 issues (3,957 companies)"
    assert size(ENGLISH, 0, 0) == "0 issues (0 companies)"


def test_a_page_and_a_change_are_told_in_the_singular() -> None:
    progress = {"waiting": None, "phase": "fetch", "pages": 1, "rows": 4_447}
    assert progress_sentence(progress, ENGLISH) == "Fetching: 4,447 issues on 1 page"
    told = next(retraction_sentences(Retraction(DAY, (2,), 1, 1, None, None), ENGLISH))
    assert told == "The list of 2026-11-20: 1 issue; taken back: 1 change, run 2."


def test_reasons_and_warnings_about_one_issue_are_told_in_the_singular() -> None:
    details = {"count": 1, "sample": "13010", "limit": 0}
    hold = explain_hold({"kind": "code_doubled", "details": details}, ENGLISH)
    assert hold == "1 code occurs more than once (13010)."
    warning = explain_warning({"kind": "text_mended", "details": details}, ENGLISH)
    assert warning.startswith("In 1 issue a character")


def test_no_text_leaves_the_number_open() -> None:
    texts = [each for text in shown_texts() for each in ([text] if isinstance(text, str) else text)]
    assert [text for text in texts if "(s)" in text or "(es)" in text] == ["Time (s)"]
