"""What does every handler need?"""

from typing import Annotated

from fastapi import Depends, Request

from meigara.bootstrap import App
from meigara.errors import SourceNotFound
from meigara.i18n import Translate
from meigara.services.runs import LISTED_ISSUES
from meigara.web.language import translate_for
from meigara.web.stage import Stage

THE_SOURCE = 1
"""J-Quants; its row is part of the first migration."""


def _stage(request: Request) -> Stage:
    found: Stage = request.app.state.stage
    return found


StageDep = Annotated[Stage, Depends(_stage)]


def _app(stage: StageDep) -> App:
    return stage.app


def known_place(request: Request) -> None:
    """Let only the source and the endpoint through that there are. Raises SourceNotFound."""
    for name, number in (("source_id", THE_SOURCE), ("endpoint_id", LISTED_ISSUES)):
        asked = request.path_params.get(name, number)
        if str(asked) != str(number):
            raise SourceNotFound(source_id=asked)


AppDep = Annotated[App, Depends(_app)]
TranslateDep = Annotated[Translate, Depends(translate_for)]
