"""In which language is a request answered?"""

from fastapi import Request

from meigara.i18n import Translate, translator


def translate_for(request: Request) -> Translate:
    """Return the translation into the language that the request asks for; Japanese by default."""
    wanted = request.headers.get("accept-language", "").lower()
    return translator("en" if wanted.startswith("en") else "ja")
