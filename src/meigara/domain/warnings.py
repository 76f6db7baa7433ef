"""What is there to know of an answer that was believed all the same?"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class WarningKind(StrEnum):
    """What an answer has that a person should know of."""

    UNCHANGED = "unchanged"
    TEXT_MENDED = "text_mended"


@dataclass(frozen=True, slots=True)
class AnswerWarning:
    """One thing to know of an answer, with the figures that a message about it names."""

    kind: WarningKind
    details: Mapping[str, str | int | float]
