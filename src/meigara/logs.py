"""How does a process that nobody sits in front of say what it does? One line an event."""

import logging


def start_logging() -> None:
    """Write the program's events, and warnings of the libraries, to standard error."""
    logging.basicConfig(
        format="%(asctime)s %(levelname)-7s %(message)s run=%(run_id)s", level=logging.WARNING
    )
    logging.getLogger("meigara").setLevel(logging.INFO)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_name_run)


def _name_run(record: logging.LogRecord) -> bool:
    """Give each record the number of its run, `-` where it has none."""
    record.run_id = getattr(record, "run_id", "-")
    return True
