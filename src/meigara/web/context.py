"""What does every handler need?"""

from typing import Annotated

from fastapi import Depends, Request

from meigara.bootstrap import App
from meigara.i18n import Translate
from meigara.services.tick import Dispatcher
from meigara.web.language import translate_for


def _app(request: Request) -> App:
    found: App = request.app.state.app
    return found


def _dispatcher(request: Request) -> Dispatcher:
    found: Dispatcher = request.app.state.dispatcher
    return found


AppDep = Annotated[App, Depends(_app)]
DispatcherDep = Annotated[Dispatcher, Depends(_dispatcher)]
TranslateDep = Annotated[Translate, Depends(translate_for)]
