"""What do all errors have in common?"""

from typing import Any, ClassVar


class Reason(str):
    """A text with its values filled in, which can still be told in another language."""

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, **values: object) -> "Reason":
        """Fill `values` into `template`, which is a key of the catalogue of messages."""
        text = super().__new__(cls, template.format(**values))
        text.template, text.values = template, values
        return text


class MeigaraError(Exception):
    """Anything that Meigara reports to a person; never raised itself."""

    message: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    outside: ClassVar[str] = ""
    retryable: ClassVar[bool] = False

    def __init__(self, **params: object) -> None:
        """Keep `params`, the values of the placeholders in `message` and `hint`.

        `outside` is what is said over the network in place of a `message` that says too much.
        """
        self.params = params
        super().__init__(self.message.format(**params))

    @classmethod
    def message_outside(cls) -> str:
        """Return the template of what may be said over the network."""
        return cls.outside or cls.message

    def said_outside(self) -> str:
        """Return what may be said over the network, in English."""
        return self.message_outside().format(**self.params)

    def record(self) -> dict[str, Any]:
        """Return the error as it is stored, to be told later in any language."""
        params = {name: _stored(value) for name, value in self.params.items()}
        return {"kind": type(self).__name__, "params": params}


def _stored(value: object) -> object:
    if isinstance(value, Reason):
        return {"template": value.template, "values": value.values}
    return str(value)
