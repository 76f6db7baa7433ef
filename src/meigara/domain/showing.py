"""How is a text shown that a stranger has written? No terminal obeys it, and all of it is seen."""

import json
import re

_UNSEEN = (
    "\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
"""Orders to a terminal, and what has no look of its own: breaks, directions, joiners, tags."""
_HIDDEN = re.compile(f"[\x00-\x1f{_UNSEEN}]")
_HIDDEN_IN_JSON = re.compile(f"[{_UNSEEN}]")  # the others it does not hold as they are


def has_hidden(text: str) -> bool:
    """Say whether a text has characters that nobody sees."""
    return _HIDDEN.search(text) is not None


def shown(text: str) -> str:
    """Return one line in which such characters are written as in the code of a program."""
    return _HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def shown_lines(text: str) -> str:
    """Return a text of several lines, each as it is shown."""
    return "\n".join(map(shown, text.split("\n")))


def shown_json(text: str) -> str:
    """Return JSON that means the same, without such characters."""
    return _HIDDEN_IN_JSON.sub(lambda found: json.dumps(found[0])[1:-1], text)
