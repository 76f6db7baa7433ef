"""What keeps the program from starting?"""

from meigara.errors.base import MeigaraError


class ConfigurationError(MeigaraError):
    """A setting, a file or the database schema does not let the program start."""


class UnknownSetting(ConfigurationError):
    """An environment variable starts with MEIGARA_ and is not a setting."""

    message = "The environment variable {name} is not a setting of Meigara."
    hint = "Take it away; docs/configuration.md lists every setting."


class MisspeltSetting(UnknownSetting):
    """An unknown variable whose name is like that of a setting."""

    hint = "Did you mean {nearest}? docs/configuration.md lists every setting."


class InvalidSetting(ConfigurationError):
    """A setting has a value that cannot be used."""

    message = "The setting {name} has a value that cannot be used: {reason}"
    hint = "Correct {name}; docs/configuration.md lists every setting and what it may be."


class MissingKey(ConfigurationError):
    """No J-Quants API key is configured."""

    message = "No J-Quants API key is configured."
    hint = (
        "Issue a key in the J-Quants dashboard (https://jpx-jquants.com/dashboard/api-keys) and set"
        " MEIGARA_JQUANTS_API_KEY, or try the program without one: `meigara demo`."
    )


class SchemaNewer(ConfigurationError):
    """The database was written by a newer program."""

    message = "The database has schema {found}, which this version of Meigara does not know."
    hint = "Update Meigara to the version that wrote the database, or point it at another database."


class SchemaOutdated(ConfigurationError):
    """The database was written by an older program and is not upgraded yet."""

    message = "The database has schema {found}; this version of Meigara needs {needed}."
    hint = "Make a backup, then run `meigara db upgrade`."


class AddressUnusable(ConfigurationError):
    """The server cannot listen there."""

    message = "The server cannot listen on {host}, port {port}: {reason}"
    hint = "Choose another port with --port, or end the program that uses this one."


class SecretUnreadable(ConfigurationError):
    """The key that was entered on the page is sealed with another secret."""

    message = "The key that is kept in {file} cannot be opened."
    hint = (
        "Set MEIGARA_SECRET_KEY to what it was when the key was entered, or delete the file and"
        " enter the key again."
    )


class AccountsMissing(ConfigurationError):
    """The server was to listen where others can reach it, and anybody could press every button."""

    message = "Without an account the server listens on this machine only, not on {host}."
    hint = "Add one first: `meigara user add NAME --role admin`. Then start the server again."
