"""Which issues does an address ask for? The same words in the pages, the API and the exports."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, Field

from meigara.domain import classification
from meigara.domain.classification import CodeTable, find_code
from meigara.domain.dates import parse_date
from meigara.domain.search import words_of
from meigara.errors import InvalidInput
from meigara.services.issues import IssueQuery, Presence

Read = TypeVar("Read")


class IssueFilters(BaseModel):
    """What the address says of the issues; an empty value filters nothing."""

    q: str = Field(
        "", description="Words of the name or the code, in any width.", examples=["電機"]
    )
    market: str = Field("", description="Market segment, by code or name.", examples=["0111"])
    sector33: str = Field("", description="Sector of the 33, by code or name.", examples=["3650"])
    scale: str = Field("", description="Scale of TOPIX.", examples=["TOPIX Core30"])
    product: str = Field("", description="Product category, by code or name.", examples=["011"])
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
            market=self._code("market", classification.MARKETS),
            sector33=self._code("sector33", classification.SECTORS33),
            scale=self._code("scale", classification.SCALES),
            product=self._code("product", classification.PRODUCTS),
            companies_only=self.companies,
            presence=Presence.GONE if self.gone else Presence.LISTED,
        )

    def _code(self, name: str, table: CodeTable) -> str | None:
        text = getattr(self, name)
        return named(name, lambda wanted: find_code(table, wanted), text) if text else None


def named(field: str, read: Callable[[str], Read], text: str) -> Read:
    """Read a text; an error says which field it stood in. Raises what `read` raises."""
    try:
        return read(text)
    except InvalidInput as error:
        error.params["field"] = field
        raise
