"""Which day does a text mean?"""

import datetime as dt
import re

from meigara.errors import InvalidDate

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")


def parse_date(text: str) -> dt.date:
    """Return the day written as YYYY-MM-DD or YYYYMMDD. Raises InvalidDate."""
    try:
        if _DATE.fullmatch(text.strip()):
            return dt.date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise InvalidDate(text=text)
