"""`/language/…`: in which language are the pages?"""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from meigara.errors import PageNotFound
from meigara.web.language import COOKIE, LANGUAGES, address_of_ours

router = APIRouter(include_in_schema=False)
_A_YEAR = 365 * 24 * 3600


@router.get("/language/{language}")
async def choose(language: str, back: str = "/") -> RedirectResponse:
    """Remember the language and go back to the page."""
    if language not in LANGUAGES:
        raise PageNotFound
    answer = RedirectResponse(address_of_ours(back), 303)
    answer.set_cookie(COOKIE, language, max_age=_A_YEAR, samesite="lax", httponly=True)
    return answer
