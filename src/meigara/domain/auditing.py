"""What is written into the audit trail?"""

from enum import StrEnum


class Action(StrEnum):
    """Something that a person or a program did."""

    SYNC_STARTED = "sync started"
    RUN_STOPPED = "run stopped"
    RUN_APPLIED = "held run applied"
    RUN_DISCARDED = "held run discarded"
    ROSTER_RETRACTED = "list taken back"
    SCHEDULE_CHANGED = "schedule changed"
    KEY_REPLACED = "API key replaced"
    SIGNED_IN = "signed in"
    SIGN_IN_REFUSED = "sign-in refused"
    SIGNED_OUT = "signed out"
    ACCOUNT_ADDED = "account added"
    ACCOUNT_CHANGED = "account changed"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - the name of an action
    TOKEN_ISSUED = "token issued"  # noqa: S105 - the name of an action
    TOKEN_REVOKED = "token revoked"  # noqa: S105 - the name of an action
    TARGET_ADDED = "notices begun"
    TARGET_REMOVED = "notices ended"
    STORE_RESTORED = "backup restored"
    STORE_PURGED = "data deleted"
