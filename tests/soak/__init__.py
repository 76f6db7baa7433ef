"""Is a slot ever lost or doubled, whatever happens? `python -m tests.soak` simulates years.

Three tickers and their workers share a database. Clocks jump forward over several slots and back by
up to a day; tickers, workers and edits crash at random statements and at the commit; offers are
lost; runs fail, hang, are given back and cancelled; the time is edited, paused and resumed, and
people start runs. The sync itself is a stand-in, for only the schedule is under test: a run is
claimed, renewed and ended through the services, and nothing is fetched.

A reference, which knows neither the database nor the program's own calendar, says which slots must
have a row and which may. A seed repeats the disasters; where tickers race, the database decides.
"""

from tests.soak.simulation import soak, violations_in

__all__ = ["soak", "violations_in"]
