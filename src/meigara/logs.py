"""How does a process that nobody sits in front of say what it does? One line an event."""

import datetime as dt
import json
import logging

_TEXT = "%(asctime)s %(levelname)-7s %(message)s run=%(run_id)s"


def start_logging(form: str) -> None:
    """Write the program's events, and warnings of the libraries, to standard error.

    `form` is `text`, or `json` for one JSON object a line: `time` (UTC), `level`, `logger`,
    `message`, `run_id` where an event is about a run, and `error` with a traceback.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines() if form == "json" else _Text(_TEXT))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("meigara").setLevel(logging.INFO)


class _Text(logging.Formatter):
    """A line for people; `-` stands where an event is about no run."""

    def format(self, record: logging.LogRecord) -> str:
        record.run_id = getattr(record, "run_id", "-")
        return super().format(record)


class _JsonLines(logging.Formatter):
    """A line for programs."""

    def format(self, record: logging.LogRecord) -> str:
        moment = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (run_id := getattr(record, "run_id", None)) is not None:
            line["run_id"] = run_id
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
