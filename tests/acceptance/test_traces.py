"""Runs among the traces, as a collector of OpenTelemetry receives them."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from meigara.simulator.server import RunningSimulator
from tests.acceptance.conftest import Shell
from tests.acceptance.serving import serving
from tests.waiting import until


class Collector(ThreadingHTTPServer):
    """A collector that keeps the spans it is sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.spans: list[Span] = []
        self.url = f"http://127.0.0.1:{self.server_port}/v1/traces"


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        sent = ExportTraceServiceRequest()
        sent.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
        for resource in sent.resource_spans:
            for scope in resource.scope_spans:
                self.server.spans += scope.spans
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of the tests quiet."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Listen on a free port."""
    with Collector() as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        yield collector
        collector.shutdown()


def test_each_run_is_a_trace_with_its_phases(
    synced_shell: Shell, simulator: RunningSimulator, collector: Collector
) -> None:
    synced_shell.env["MEIGARA_JQUANTS_PLAN"] = "premium"
    with serving(synced_shell, MEIGARA_TRACES_URL=collector.url) as server:
        run_id = server.start()
        server.await_status(run_id, "succeeded")
        until(lambda: any(span.name == "sync" for span in collector.spans))
        spans = {span.name: span for span in collector.spans}
        assert set(spans) == {"sync", "sync.fetch", "sync.check", "sync.compare", "sync.publish"}
        whole = spans.pop("sync")
        assert {span.parent_span_id for span in spans.values()} == {whole.span_id}
        said = {each.key: each.value for each in whole.attributes}
        assert said["meigara.run_id"].int_value == run_id
        assert said["meigara.status"].string_value == "succeeded"
        collector.spans.clear()
        simulator.set_faults("wrong-key")
        server.await_status(server.start(), "failed")
        until(lambda: bool(collector.spans))
        assert collector.spans[0].status.message == "KeyRefused"


def test_a_collector_that_is_away_harms_no_run(
    synced_shell: Shell, simulator: RunningSimulator
) -> None:
    synced_shell.env["MEIGARA_JQUANTS_PLAN"] = "premium"
    with serving(synced_shell, MEIGARA_TRACES_URL="http://127.0.0.1:9/v1/traces") as server:
        for _ in range(2):
            server.await_status(server.start(), "succeeded")
