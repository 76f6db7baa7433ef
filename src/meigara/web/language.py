"""In which language is a request answered?"""

from urllib.parse import urlsplit

from fastapi import Request

from meigara.i18n import Translate, translator

LANGUAGES = ("ja", "en")
COOKIE = "language"


def translate_for(request: Request) -> Translate:
    """Return the translation that a program asks for; Japanese by default."""
    wanted = request.headers.get("accept-language", "").lower()
    return translator("en" if wanted.startswith("en") else "ja")


def translate_page(request: Request) -> Translate:
    """Return the translation into the language of the pages."""
    return translator(language_of_page(request))


def language_of_page(request: Request) -> str:
    """Return the language that a person chose by the switch; Japanese by default."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else "ja"


def address_of_page(request: Request) -> str:
    """Return where a browser finds the page again that is the answer to `request`.

    The answer to a form is no page of its own: the one with the form is.
    """
    is_page = request.method in ("GET", "HEAD")
    shown = urlsplit(str(request.url) if is_page else request.headers.get("referer", ""))
    return shown._replace(scheme="", netloc="", fragment="").geturl() or "/"


def address_of_ours(back: str) -> str:
    """Return an address to go back to, the first page if it is not one of this server."""
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\"))
    return back if is_ours and back.isprintable() else "/"
