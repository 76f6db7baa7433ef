"""What does every handler need?"""

from typing import Annotated

from fastapi import Depends, Request

from meigara.bootstrap import App
from meigara.i18n import Translate
from meigara.web.language import translate_for
from meigara.web.stage import Stage


def _stage(request: Request) -> Stage:
    found: Stage = request.app.state.stage
    return found


StageDep = Annotated[Stage, Depends(_stage)]


def _app(stage: StageDep) -> App:
    return stage.app


AppDep = Annotated[App, Depends(_app)]
TranslateDep = Annotated[Translate, Depends(translate_for)]
