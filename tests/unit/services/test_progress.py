"""What a running sync says of itself while it waits."""

import time

from meigara.jquants.events import PageFetched, RateLimitWait
from meigara.services.progress import Reporter


def test_a_wait_counts_down_to_nothing_and_is_over_with_the_next_page() -> None:
    reporter = Reporter(lambda _progress: None)
    reporter.hear(RateLimitWait(1.5))
    first = reporter.now.as_values()["waiting"]
    time.sleep(0.6)
    second = reporter.now.as_values()["waiting"]
    time.sleep(1)
    third = reporter.now.as_values()["waiting"]
    reporter.hear(PageFetched(page=1, rows_so_far=10))
    assert [wait["seconds"] for wait in (first, second, third)] == [2, 1, 0]
    assert reporter.now.as_values()["waiting"] is None
