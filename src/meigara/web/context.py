"""What does every handler need?"""

from typing import Annotated

from fastapi import Depends, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession

from meigara.bootstrap import App
from meigara.errors import SourceNotFound
from meigara.i18n import Translate
from meigara.jquants.plan import Plan
from meigara.services.runs import LARGEST_NUMBER, LISTED_ISSUES
from meigara.services.sources import Overview, overview
from meigara.web.language import translate_for
from meigara.web.stage import Stage

THE_SOURCE = 1
"""J-Quants; its row is part of the first migration."""


def _stage(request: Request) -> Stage:
    found: Stage = request.app.state.stage
    return found


Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]
"""The number of something in an address; no database holds a larger one."""

StageDep = Annotated[Stage, Depends(_stage)]


def _app(stage: StageDep) -> App:
    return stage.app


def known_place(request: Request) -> None:
    """Let only the source and the endpoint through that there are. Raises SourceNotFound."""
    for name, number in (("source_id", THE_SOURCE), ("endpoint_id", LISTED_ISSUES)):
        asked = request.path_params.get(name, number)
        if str(asked) != str(number):
            raise SourceNotFound(source_id=asked)


async def overview_of(app: App, session: AsyncSession, source_id: int = THE_SOURCE) -> Overview:
    """Return the overview of a data source as the settings reach it. Raises SourceNotFound."""
    plan, has_key = app.settings.jquants_plan, app.settings.jquants_api_key is not None
    known = Plan(plan) if plan else None
    return await overview(session, source_id, app.now(), has_key=has_key, plan=known)


AppDep = Annotated[App, Depends(_app)]
TranslateDep = Annotated[Translate, Depends(translate_for)]
