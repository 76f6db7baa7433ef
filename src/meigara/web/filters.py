"""Which issues does an address ask for? The same words in the pages, the API and the exports."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field

from meigara.domain.classification import CODES_OF_FIELD, CodeTable, find_code
from meigara.domain.dates import parse_date
from meigara.domain.search import words_of
from meigara.errors import InvalidInput
from meigara.services.issues import IssueQuery, Presence

Read = TypeVar("Read")


Texts = Annotated[list[str], Field(default_factory=list)]
"""What may be given several times; an empty text filters nothing."""


class IssueFilters(BaseModel):
    """What the address says of the issues; an empty value filters nothing.

    Of what is given several times one must fit.
    """

    q: str = Field(
        "", description="Words of the name or the code, in any width.", examples=["電機"]
    )
    market: Texts = Field(description="Market segments, by code or name.", examples=[["0111"]])
    sector17: Texts = Field(description="Sectors of the 17, by code or name.", examples=[["9"]])
    sector33: Texts = Field(description="Sectors of the 33, by code or name.", examples=[["3650"]])
    scale: Texts = Field(description="Scales of TOPIX.", examples=[["TOPIX Core30"]])
    margin: Texts = Field(description="Margin classes, by code or name.", examples=[["2"]])
    product: Texts = Field(description="Product categories, by code or name.", examples=[["011"]])
    companies: bool = Field(False, description="Ordinary shares of companies only.")
    gone: bool = Field(False, description="Those that have left the list instead.")
    as_of: str = Field(
        "", description="The list as it was on this day; the newest.", examples=["2026-11-20"]
    )

    def query(self) -> IssueQuery:
        """Return the question. Raises InvalidDate, SearchTooLong or UnknownClass."""
        named("q", words_of, self.q)
        return IssueQuery(
            as_of=named("as_of", parse_date, self.as_of) if self.as_of else None,
            search=self.q,
            classes={name: self._codes(name, table) for name, table in CODES_OF_FIELD.items()},
            companies_only=self.companies,
            presence=Presence.GONE if self.gone else Presence.LISTED,
        )

    def _codes(self, name: str, table: CodeTable) -> tuple[str, ...]:
        find = partial(find_code, table)
        return tuple(named(name, find, text) for text in getattr(self, name) if text)


def named(field: str, read: Callable[[str], Read], text: str) -> Read:
    """Read a text; an error says which field it stood in. Raises what `read` raises."""
    try:
        return read(text)
    except InvalidInput as error:
        error.params["field"] = field
        raise
