"""How long may a database keep this process waiting, and this process the database?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest times, in seconds.

    `statement` is for one statement, `long_statement` for one of a transaction that may take its
    time, `lock` for a lock that another one has. A transaction that does nothing for `idle` is
    ended by the server: well within a lease, so that a frozen process has let go of its run before
    another one takes it over. `ping` is for the first answer on a connection that was idle, `pool`
    for a connection while all are taken.
    """

    statement: float = 15
    long_statement: float = 3600
    lock: float = 10
    idle: float = 15
    long_idle: float = 60
    ping: float = 2
    pool: float = 2


USUAL = Limits()
