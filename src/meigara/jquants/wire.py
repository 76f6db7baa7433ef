"""How does an answer of `GET /v2/equities/master` become a roster?

Field names and their meaning: J-Quants API v2, "Listed Issue Master" (eq-master).
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter

import msgspec

from meigara.domain.issue import ListedIssue
from meigara.domain.roster import Defects, LabelKind, Roster
from meigara.errors import JQuantsContractBroken

_REQUIRED = ("Date", "Code", "CoName", "S17", "S33", "ScaleCat", "Mkt")


class MasterRow(msgspec.Struct, gc=False):
    """One row as received; None stands for an absent or null field."""

    Date: str | None = None
    Code: str | None = None
    CoName: str | None = None
    CoNameEn: str | None = None
    S17: str | None = None
    S17Nm: str | None = None
    S33: str | None = None
    S33Nm: str | None = None
    ScaleCat: str | None = None
    Mkt: str | None = None
    MktNm: str | None = None
    Mrgn: str | None = None
    MrgnNm: str | None = None
    ProdCat: str | None = None


class Page(msgspec.Struct):
    """One page: its rows, and the key of the next one unless it is the last."""

    data: list[MasterRow]
    pagination_key: str | None = None


_decoder = msgspec.json.Decoder(Page)
