"""Each fault does on the wire what its description says."""

from __future__ import annotations

import gzip
import io
import time
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.unit.simulator.conftest import Api, Clock

from meigara.simulator.errors import SimulatorError
from meigara.simulator.faults import describe_faults, parse_fault


def test_every_fault_is_described_in_one_line() -> None:
    described = describe_faults()
    assert len(described) == 43
    assert all(text and "\n" not in text for text in described.values())


def test_an_unknown_fault_is_refused_with_the_nearest_name(api: Api) -> None:
    with pytest.raises(SimulatorError, match="did you mean 'missing-page'"):
        api.simulator.set_faults("mising-page")


@pytest.mark.parametrize("text", ["429:0", "429:x", "429:1:1", "slow:-1", "slow:1:2:3"])
def test_a_fault_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(SimulatorError, match="cannot be read"):
        parse_fault(text)


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ("429", 429, "Rate limit"),
        ("500", 500, "Unexpected error"),
        ("503-html", 503, "<html>"),
        ("wrong-key", 403, "The incoming api key is invalid or expired."),
        ("no-subscription", 403, "No active subscription found"),
        ("not-in-plan", 403, "This API is not available on your subscription"),
        ("outside-window", 400, "Your subscription covers the following dates: "),
        ("html-200", 200, "<html>"),
    ],
)
def test_a_refusing_fault_answers_with_its_status_and_text(
    api: Api, fault: str, status: int, text: str
) -> None:
    api.simulator.set_faults(fault)
    response = api.get()
    assert response.status_code == status
    assert text in response.text
    assert "retry-after" not in response.headers


def test_a_counted_fault_strikes_only_the_first_requests(api: Api) -> None:
    api.simulator.set_faults("500:2")
    assert [api.get(code="8301").status_code for _ in range(4)] == [500, 500, 200, 200]


def test_combined_refusals_strike_one_after_the_other(api: Api) -> None:
    api.simulator.set_faults("429:1", "503-html:1", "shrunken:1")
    assert [api.get().status_code for _ in range(3)] == [429, 503, 200]
    assert len(api.rows()) > 4_000


def test_faults_leave_the_calendar_alone(api: Api) -> None:
    api.simulator.set_faults("500")
    assert api.get("/markets/calendar").status_code == 200


def test_a_block_lasts_five_minutes(api: Api, clock: Clock) -> None:
    api.simulator.set_faults("block")
    statuses = []
    for _ in range(4):
        statuses.append(api.get(code="8301").status_code)
        clock.advance(101)
    assert statuses == [429, 429, 429, 200]


def test_reset_breaks_the_connection(api: Api) -> None:
    api.simulator.set_faults("reset:1")
    with pytest.raises(httpx.ReadError, match="reset"):
        api.get()
    assert len(api.rows()) > 4_000


def test_hang_never_answers(api: Api) -> None:
    api.simulator.set_faults("hang")
    with pytest.raises(httpx.ReadTimeout):
        api.client.get(f"{api.simulator.base_url}/equities/master", timeout=0.2)


def test_slow_dribbles_the_whole_body(api: Api) -> None:
    api.simulator.set_faults("slow:0.5")
    began = time.monotonic()
    assert len(api.rows()) > 4_000
    assert 0.4 < time.monotonic() - began < 6


def test_truncated_ends_before_the_announced_length(api: Api) -> None:
    api.simulator.set_faults("truncated")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        api.get()


def test_bad_json_is_a_complete_answer_with_half_a_document(api: Api) -> None:
    api.simulator.set_faults("bad-json")
    response = api.get()
    assert response.status_code == 200
    assert response.text.startswith('{"data":[')
    with pytest.raises(ValueError, match=r"."):
        response.json()


def test_pages_join_to_the_whole_and_end_with_an_empty_key(api: Api) -> None:
    whole = api.rows()
    api.simulator.set_faults("pages")
    pages = api.pages()
    assert len(pages) == 4
    assert pages[-1]["pagination_key"] == ""
    assert [row for page in pages for row in page["data"]] == whole


def test_the_pages_of_a_counted_fault_follow_though_it_is_used_up(api: Api) -> None:
    api.simulator.set_faults("pages:1")
    assert len(api.pages()) == 4
    assert len(api.pages()) == 1


def test_missing_page_ends_with_an_empty_page_without_a_key(api: Api) -> None:
    whole = api.rows()
    api.simulator.set_faults("missing-page")
    pages = api.pages()
    assert pages[-1] == {"data": []}
    assert 0.4 < sum(len(page["data"]) for page in pages) / len(whole) < 0.6


def test_skipped_page_leaves_out_a_quarter_without_a_word(api: Api) -> None:
    whole = api.rows()
    api.simulator.set_faults("skipped-page")
    pages = api.pages()
    assert len(pages) == 3
    assert not pages[-1].get("pagination_key")
    assert 0.7 < sum(len(page["data"]) for page in pages) / len(whole) < 0.8


def test_endless_pages_repeat_their_key(api: Api) -> None:
    api.simulator.set_faults("endless-pages")
    pages = api.pages(limit=7)
    assert len(pages) == 7
    assert len({page["pagination_key"] for page in pages}) == 1


def test_new_keys_are_never_the_same(api: Api) -> None:
    api.simulator.set_faults("new-keys")
    pages = api.pages(limit=9)
    assert len({page["pagination_key"] for page in pages}) == 9


@pytest.mark.parametrize("fault", ["gzip-bomb", "gzip-members"])
def test_a_bomb_is_whole_gzip(api: Api, fault: str) -> None:
    api.simulator.set_faults(fault)
    url = f"{api.simulator.base_url}/equities/master"
    with api.client.stream("GET", url, headers={"accept-encoding": "gzip"}) as response:
        body = b"".join(response.iter_raw())
    assert len(body) < 2_000_000
    size = 0
    with gzip.open(io.BytesIO(body)) as stream:
        while part := stream.read(2**20):
            size += len(part)
    assert size == 2**30


@pytest.mark.parametrize("fault", ["endless-body", "huge-length", "huge-refusal"])
def test_an_endless_body_goes_on_beyond_64_megabytes(api: Api, fault: str) -> None:
    api.simulator.set_faults(fault)
    size = 0
    with api.client.stream("GET", f"{api.simulator.base_url}/equities/master") as response:
        for part in response.iter_raw():
            size += len(part)
            if size > 65 * 2**20:
                break
    assert size > 65 * 2**20


def test_empty_has_no_row(api: Api) -> None:
    api.simulator.set_faults("empty")
    assert api.get().json() == {"data": []}


def test_shrunken_has_ten_rows(api: Api) -> None:
    api.simulator.set_faults("shrunken")
    assert len(api.rows()) == 10


def test_doubled_has_one_code_twice_under_two_names(api: Api) -> None:
    api.simulator.set_faults("doubled")
    rows = api.rows()
    twins = [row for row in rows if row["Code"] == rows[-1]["Code"]]
    assert len({row["CoName"] for row in twins}) == 2


def test_missing_field_leaves_one_row_without_a_name(api: Api) -> None:
    api.simulator.set_faults("missing-field")
    assert sum("CoName" not in row for row in api.rows()) == 1


def test_missing_optional_leaves_out_margin_and_product_everywhere(api: Api) -> None:
    api.simulator.set_faults("missing-optional")
    assert all(len(row) == 11 and "Mrgn" not in row for row in api.rows())


def test_null_field_has_one_name_that_is_null(api: Api) -> None:
    api.simulator.set_faults("null-field")
    assert sum(row["CoName"] is None for row in api.rows()) == 1


def test_wrong_type_has_one_code_that_is_a_number(api: Api) -> None:
    api.simulator.set_faults("wrong-type")
    assert [type(row["Code"]) for row in api.rows()].count(int) == 1


def test_extra_field_adds_an_unknown_one(api: Api) -> None:
    api.simulator.set_faults("extra-field")
    assert all(len(row) == 15 for row in api.rows())


def test_mixed_dates_has_two_days_in_one_answer(api: Api) -> None:
    api.simulator.set_faults("mixed-dates")
    assert {row["Date"] for row in api.rows()} == {"2026-11-20", "2026-11-19"}


def test_backwards_serves_the_roster_of_thirty_days_earlier(api: Api) -> None:
    earlier = api.rows(date="2026-10-21")
    api.simulator.set_faults("backwards")
    assert api.rows() == earlier
    assert {row["Date"] for row in earlier} == {"2026-10-21"}


def test_mass_change_moves_half_of_the_rows_to_another_market(api: Api) -> None:
    before = api.rows()
    api.simulator.set_faults("mass-change")
    changed = sum(old["Mkt"] != new["Mkt"] for old, new in zip(before, api.rows(), strict=True))
    assert 0.45 < changed / len(before) <= 0.5


def test_long_name_has_a_name_of_5000_characters(api: Api) -> None:
    api.simulator.set_faults("long-name")
    assert max(len(row["CoName"]) for row in api.rows()) == 5_000


def test_unknown_codes_has_a_market_and_a_sector_nobody_knows(api: Api) -> None:
    api.simulator.set_faults("unknown-codes")
    rows = [row for row in api.rows() if row["Mkt"] == "0199"]
    assert rows
    assert rows[0]["S33"] == "9150"
