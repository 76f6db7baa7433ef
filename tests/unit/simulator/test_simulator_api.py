"""The simulated API answers as the documents say, on a socket."""

from __future__ import annotations

import datetime as dt
import gzip
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.unit.simulator.conftest import Api, Clock

from meigara.simulator.errors import SimulatorError
from meigara.simulator.server import SimulatorConfig, running

Start = Callable[..., "Api"]


def message(response: httpx.Response) -> str:
    return str(response.json()["message"])


def test_a_request_without_parameters_gets_the_whole_roster_of_the_day(api: Api) -> None:
    body = api.get().json()
    assert list(body) == ["data"]
    assert 4_300 < len(body["data"]) < 4_600
    assert {row["Date"] for row in body["data"]} == {"2026-11-20"}


def test_the_roster_of_the_next_business_day_appears_at_half_past_five(
    api: Api, clock: Clock
) -> None:
    clock.tell(2026, 11, 20, 17, 29)
    assert api.date(date="2026-11-24") == "2026-11-20"
    clock.tell(2026, 11, 20, 17, 30)
    assert api.date(date="20261124") == "2026-11-24"


def test_a_code_of_four_or_five_characters_selects_one_issue(api: Api) -> None:
    assert [row["Code"] for row in api.rows(code="8301")] == ["83010"]
    assert [row["Code"] for row in api.rows(code="83010")] == ["83010"]


def test_four_characters_mean_the_ordinary_share_alone(api: Api) -> None:
    preferred = next(row["Code"] for row in api.rows() if row["Code"][-1] != "0")
    assert [row["Code"] for row in api.rows(code=preferred[:4])] == [f"{preferred[:4]}0"]
    assert [row["Code"] for row in api.rows(code=preferred)] == [preferred]


def test_an_unknown_code_gives_an_empty_answer(api: Api) -> None:
    assert api.get(code="0000").json() == {"data": []}


def test_a_delisted_code_is_there_before_its_delisting_only(api: Api) -> None:
    codes = {day: {row["Code"] for row in api.rows(date=day)} for day in ("20260105", "20261120")}
    gone = min(codes["20260105"] - codes["20261120"])
    assert len(api.rows(code=gone, date="2026-01-05")) == 1
    assert api.rows(code=gone, date="2026-11-20") == []


@pytest.mark.parametrize("date", ["20240230", "2024-13-01", "tomorrow"])
def test_an_impossible_date_is_a_bad_request(api: Api, date: str) -> None:
    response = api.get(date=date)
    assert response.status_code == 400
    assert date in message(response)


@pytest.mark.parametrize("code", ["7", "720301", "72-0"])
def test_an_impossible_code_is_a_bad_request(api: Api, code: str) -> None:
    assert api.get(code=code).status_code == 400


def test_a_strange_pagination_key_is_a_bad_request(api: Api) -> None:
    assert api.get(pagination_key="20261120.1.").status_code == 400


def test_large_answers_are_cut_into_pages_that_join_to_the_whole(start: Start, api: Api) -> None:
    paged = start(page_bytes=500_000)
    pages = paged.pages()
    assert len(pages) == 3
    keys = [page.get("pagination_key") for page in pages]
    assert len(set(keys)) == 3
    assert keys[-1] is None
    assert [row for page in pages for row in page["data"]] == api.rows()


def test_gzip_is_sent_only_to_those_who_accept_it(api: Api) -> None:
    zipped, plain = (
        api.client.get(
            f"{api.simulator.base_url}/equities/master", headers={"accept-encoding": accepted}
        )
        for accepted in ("gzip, deflate", "identity")
    )
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < 300_000
    assert "content-encoding" not in plain.headers
    assert zipped.content == plain.content
    assert gzip.decompress(gzip.compress(plain.content)) == plain.content


def test_refusals_come_in_the_order_path_key_plan_date(start: Start) -> None:
    api = start(plan="free", api_key="right")

    def refused(path: str, key: str | None, **params: str) -> tuple[int, str]:
        headers = {"x-api-key": key} if key is not None else {}
        url = api.simulator.base_url + path
        response = httpx.get(url, headers=headers, params=params)
        return response.status_code, message(response)

    master, early = "/equities/master", {"date": "1999-01-01"}
    assert refused("/listed/info", None) == (403, "The requested endpoint does not exist")
    assert refused(master, None, **early) == (403, "The api key is required.")
    assert refused(master, "", **early) == (403, "The api key is required.")
    wrong = (403, "The incoming api key is invalid or expired.")
    assert refused(master, "wrong", **early) == wrong
    assert refused(master, "right", **early) == (
        400,
        "Your subscription covers the following dates: 2024-08-28 ~ 2026-08-28",
    )


def test_calls_beyond_the_plan_get_429_without_a_retry_after(start: Start) -> None:
    api = start(plan="free", limit_calls=True)
    answers = [api.get(code="8301") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "retry-after" not in answers[-1].headers


def test_the_limits_can_be_switched_off(start: Start) -> None:
    api = start(plan="free", limit_calls=False)
    assert {api.get(code="8301").status_code for _ in range(8)} == {200}


def test_the_calendar_gives_the_divisions_of_the_days_asked(api: Api) -> None:
    response = api.get("/markets/calendar", **{"from": "20261120", "to": "2026-11-24"})
    assert [(row["Date"][-2:], row["HolDiv"]) for row in response.json()["data"]] == [
        *(("20", "1"), ("21", "0"), ("22", "0"), ("23", "3"), ("24", "1"))
    ]


def test_the_calendar_selects_a_division(api: Api) -> None:
    params = {"hol_div": "3", "from": "2026-01-01", "to": "2026-12-31"}
    days = [row["Date"] for row in api.get("/markets/calendar", **params).json()["data"]]
    assert "2026-11-23" in days
    assert "2026-11-20" not in days


def test_the_calendar_of_paid_plans_reaches_to_the_end_of_the_next_year(api: Api) -> None:
    days = api.get("/markets/calendar").json()["data"]
    assert (days[0]["Date"], days[-1]["Date"]) == ("2008-05-07", "2027-12-31")


def test_the_calendar_of_the_free_plan_ends_with_its_window(start: Start) -> None:
    api = start(plan="free")
    assert api.get("/markets/calendar").json()["data"][-1]["Date"] == "2026-08-28"
    refused = api.get("/markets/calendar", **{"from": "2026-11-01"})
    assert refused.status_code == 400
    assert "2024-08-28 ~ 2026-08-28" in message(refused)


def test_the_simulated_day_can_be_set_while_it_runs(api: Api) -> None:
    api.simulator.set_today(dt.date(2022, 4, 4))
    assert api.date() == "2022-04-04"
    assert api.date(date="2022-04-01") == "2022-04-01"
    assert api.date(date="2026-11-20") == "2022-04-05"


def test_requests_are_recorded_with_their_parameters_and_status(start: Start) -> None:
    api = start()
    api.get(code="8301")
    api.get("/nowhere")
    first, second = api.simulator.requests
    assert (first.path, first.params, first.status) == (
        *("/v2/equities/master", {"code": "8301"}, 200),
    )
    assert (second.path, second.status) == ("/v2/nowhere", 403)
    assert first.at.tzinfo is not None


def test_a_port_in_use_is_an_error_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SimulatorError, match=f"port {port}.*choose another"):  # noqa: SIM117
            with running(SimulatorConfig(port=port)):
                pass


def test_it_stops_promptly_though_a_client_hangs(start: Start, market: Any) -> None:
    ended: list[str] = []

    def hang(url: str) -> None:
        try:
            httpx.get(url, headers={"x-api-key": "key"}, timeout=10)
        except httpx.TransportError as error:
            ended.append(type(error).__name__)

    with running(SimulatorConfig(market=market, faults=("hang",))) as simulator:
        url = f"{simulator.base_url}/equities/master"
        client = threading.Thread(target=hang, args=(url,))
        client.start()
        deadline = time.monotonic() + 5
        while not simulator.requests and time.monotonic() < deadline:
            time.sleep(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 4
    client.join(5)
    assert ended


SERVE = """
from meigara.simulator.server import SimulatorConfig, serve
serve(SimulatorConfig(), on_ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@pytest.mark.parametrize("signal_name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_serving_quietly(signal_name: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}/equities/master").status_code == 403
        process.send_signal(getattr(signal, signal_name))
        out, err = process.communicate(timeout=5)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (0, "ended\n", "")


ISOLATED = """
import sys
import meigara.simulator
assert not {"starlette", "uvicorn"} & sys.modules.keys()
import meigara.simulator.server
print(*sorted(name for name in sys.modules if name.startswith("meigara.")))
"""


def test_the_simulator_imports_nothing_else_of_the_project() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", ISOLATED], capture_output=True, text=True, check=True
    ).stdout.split()
    assert all(name.startswith("meigara.simulator") for name in loaded)
