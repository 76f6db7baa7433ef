"""Wrong answers of J-Quants' listed-issue master, made from a true list.

`KINDS` holds them by name. To add one, write a function in the module it belongs to, decorate it
with `wrong`, and say in its docstring what is wrong. Kinds tagged `legitimate`, `cleaned` or
`open` are counter-examples, which keep a check from refusing too much.
"""

from tests.wrong_answers import classes, codes, dates, fields, labels, listings, names, shapes
from tests.wrong_answers.kinds import (
    REGISTERED,
    Bodies,
    Kind,
    Nature,
    Row,
    Rows,
    Truth,
    bodies_of,
)

MODULES = (shapes, codes, names, dates, listings, classes, labels, fields)
"""The modules that register kinds, in the order of the table."""

KINDS = {
    kind.name: kind
    for module in MODULES
    for kind in REGISTERED.values()
    if kind.module == module.__name__
}
"""All kinds by name."""

__all__ = ["KINDS", "MODULES", "Bodies", "Kind", "Nature", "Row", "Rows", "Truth", "bodies_of"]
