"""How are names compared when a person searches?

J-Quants writes Latin letters in full width, dashes in several ways and sometimes a wide space;
people type what their keyboard gives. Both are brought to one form and then compared.
"""

import unicodedata

from meigara.errors import SearchTooLong

LONGEST = 200
_DASHES = "‐‑‒–—―−"


def normalised(text: str) -> str:
    """Return `text` in the form in which it is searched: one width, one case, one dash."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    for dash in _DASHES:
        folded = folded.replace(dash, "-")
    return " ".join(folded.split())


def text_to_search(code: str, name: str, name_en: str) -> str:
    """Return the text of an issue in which a search looks."""
    return normalised(f"{code} {name} {name_en}")


def words_of(query: str) -> list[str]:
    """Return the words of a query, each of which an issue must contain. Raises SearchTooLong."""
    if len(query) > LONGEST:
        raise SearchTooLong(limit=LONGEST)
    return normalised(query.replace("\0", " ")).split()
