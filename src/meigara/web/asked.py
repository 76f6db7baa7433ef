"""Does an address ask only for what there is, and each thing once that can be said only once?"""

from collections import Counter
from collections.abc import Mapping
from typing import get_origin

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute

from meigara.errors import ParameterRepeated, ParameterUnknown


async def ensure_understood(request: Request) -> None:
    """Refuse an address with a part that would go unheard.

    Raises ParameterUnknown, ParameterRepeated.
    """
    known = _parameters(request.scope["route"])
    asked = Counter(name for name, _ in request.query_params.multi_items())
    for name, times in asked.items():
        if name not in known:
            raise ParameterUnknown(text=name, choices=", ".join(known) or "-", field=name)
        if times > 1 and not known[name]:
            raise ParameterRepeated(field=name)


def _parameters(route: APIRoute) -> Mapping[str, bool]:
    """Return what can be said behind the path of a route, and whether several times."""
    return {
        each.alias: get_origin(each.field_info.annotation) is list
        for each in get_flat_params(route.dependant)
        if each.alias not in route.param_convertors
    }
