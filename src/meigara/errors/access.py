"""Why is somebody not let in, or not let do a thing?"""

from meigara.errors.asking import InvalidInput, NotFound
from meigara.errors.base import MeigaraError
from meigara.errors.running import Conflict


class AccessRefused(MeigaraError):
    """Who asks is not known, or may not do what they ask for."""


class SignInNeeded(AccessRefused):
    """Nobody has signed in, or the session or the token opens nothing any more."""

    message = "Sign in first."
    hint = (
        "A program sends its token as `Authorization: Bearer …`; `meigara token issue` makes one."
    )


class SignInRefused(AccessRefused):
    """The name, the password or both are wrong, or the account is disabled."""

    message = "The name or the password is wrong."
    hint = "An administrator sets a new password: `meigara user password NAME`."


class TooManySignIns(AccessRefused):
    """Too many wrong passwords in too short a time."""

    message = "Too many tries. Try again in {seconds} seconds."
    hint = "Nothing is locked for good: the pause keeps others from guessing the password."


class TooManyPages(AccessRefused):
    """More pages of one account wait for changes than any person looks at."""

    message = "Too many pages of {name} wait for changes."
    hint = "Close some of them; each tries again by itself."


class PermissionMissing(AccessRefused):
    """The account or the token may not do this."""

    message = "{name} may not do this."
    hint = "It needs the role {role}; an administrator gives it: `meigara user role NAME {role}`."


class CameFromElsewhere(AccessRefused):
    """A page of another site asked for a change, or nothing says where the request comes from."""

    message = "The request comes from another site."
    hint = "Open the page of this server itself. A program uses a token instead of a cookie."


class HostUnknown(AccessRefused):
    """The request asks for a host name that this server does not have; it is not repeated."""

    message = "This server does not answer to that name."
    hint = (
        "Without accounts it answers to localhost and directly only. Behind a proxy, add accounts"
        " and set MEIGARA_PUBLIC_URL."
    )


class InvalidAccount(InvalidInput):
    """The text cannot be the name of an account or a token."""

    message = "“{what}” cannot be a name here."
    hint = "Use at most 64 small letters, digits and . _ @ - for an account, any text for a token."


class InvalidPassword(InvalidInput):
    """The password is too short or too long, or hardly has two characters that differ."""

    message = "A password has {shortest} to {longest} characters, and not the same few only."
    hint = "A few words in a row are easy to keep in mind and hard to guess."


class AccountNotFound(NotFound):
    """There is no account of that name."""

    message = "There is no account {name}."
    hint = "See them all: `meigara user list`."


class TokenNotFound(NotFound):
    """There is no token of that number that still opens anything."""

    message = "There is no token {token_id} that is in force."
    hint = "See them all: `meigara token list`."


class AccountExists(Conflict):
    """The name is taken."""

    message = "There is an account {name} already."
    hint = "Choose another name, or change it: `meigara user password {name}`."


class LastAdministrator(Conflict):
    """Nobody could look after the server any more."""

    message = "{name} is the only administrator."
    hint = "Make somebody else one first: `meigara user role NAME admin`."
