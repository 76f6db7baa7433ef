"""Every exception of Meigara, and what each one means to the person who meets it.

MeigaraError
├── ConfigurationError          a setting, a file or the schema does not let the program start
│   ├── UnknownSetting, MisspeltSetting, InvalidSetting, MissingKey
│   ├── SchemaNewer, SchemaOutdated
│   ├── SecretUnreadable
│   ├── AddressUnusable
│   └── AccountsMissing
├── InvalidInput                what a person or program typed cannot be read
│   ├── InvalidIssueCode
│   ├── InvalidDate
│   ├── InvalidSchedule
│   ├── UnknownClass
│   ├── SearchTooLong
│   ├── InvalidCursor, UnknownField
│   ├── ParameterUnknown, ParameterRepeated
│   ├── BackupUnreadable
│   ├── InvalidAccount, InvalidPassword
│   ├── TargetUnreadable
│   └── AddressUnreadable, TextUnstorable
├── NotFound                    nothing is stored under that name
│   ├── IssueNotFound
│   ├── RunNotFound, RosterNotFound
│   ├── PageNotFound, SourceNotFound
│   ├── AccountNotFound, TokenNotFound, TargetNotFound
│   └── NothingSynced, BeforeFirstRoster
├── Conflict                    the request is well formed, but not possible in the present state
│   ├── RunAlreadyActive        carries run_id
│   ├── RunAlreadyFinished
│   ├── RunNotHeld
│   ├── RunNotApplicable, RunFollowsAnother
│   ├── StoreBusy, StoreNotEmpty, NoLaterRoster
│   ├── MarketsMixed            real lists and invented ones, in one database
│   │   └── InventedAnswer, RealAnswer
│   ├── AccountExists, LastAdministrator, TargetExists
│   ├── DemoUnavailable
│   ├── TooManyExports
│   └── ScheduleChanged
├── AccessRefused               who asks is not known, or may not do it
│   ├── SignInNeeded, SignInRefused, TooManySignIns, TooManyPages
│   └── PermissionMissing, CameFromElsewhere, HostUnknown
├── RosterHeld                  the run is held, nobody is delisted
│   ├── RosterDefective         and nobody can apply it
│   └── RosterFollows           because of another held run
├── RunCancelled                somebody stopped the run; the list is unchanged
├── LeaseLost                   stop at once, write nothing; never shown
├── UnexpectedFailure           a defect of the program itself ended the run
├── StoreUnavailable            the database cannot be reached, read or written
│   ├── StoreDamaged            what lies in its place cannot be read as a database
│   └── StoreLost               its file was deleted, replaced or written over meanwhile
└── JQuantsError                the source did not give a roster; the run fails
    ├── JQuantsUnavailable      network, timeout; retryable
    │   └── JQuantsFailing      5xx, non-JSON
    ├── JQuantsRateLimited      too many calls; retryable after a minute or two
    ├── JQuantsRefused          asking again does not help; final
    │   ├── KeyRefused, NoSubscription, PlanRefused
    │   └── DateOutsidePlan, RequestRefused
    └── JQuantsContractBroken   the payload is not what the documents say; final
        └── AnswerTooLarge      more bytes, rows or pages than any list has

`message` says what happened and `hint` what to do; both are English templates that
`meigara.i18n` also uses as the keys of the catalogue. They are filled from `params`.
"""

from meigara.errors.access import (
    AccessRefused,
    AccountExists,
    AccountNotFound,
    CameFromElsewhere,
    HostUnknown,
    InvalidAccount,
    InvalidPassword,
    LastAdministrator,
    PermissionMissing,
    SignInNeeded,
    SignInRefused,
    TokenNotFound,
    TooManyPages,
    TooManySignIns,
)
from meigara.errors.asking import (
    AddressUnreadable,
    BackupUnreadable,
    BeforeFirstRoster,
    InvalidCursor,
    InvalidDate,
    InvalidInput,
    InvalidIssueCode,
    InvalidSchedule,
    IssueNotFound,
    NotFound,
    NothingSynced,
    PageNotFound,
    ParameterRepeated,
    ParameterUnknown,
    RosterNotFound,
    RunNotFound,
    SearchTooLong,
    SourceNotFound,
    TargetNotFound,
    TargetUnreadable,
    TextUnstorable,
    UnknownClass,
    UnknownField,
)
from meigara.errors.base import MeigaraError, Reason
from meigara.errors.jquants import (
    AnswerTooLarge,
    DateOutsidePlan,
    JQuantsContractBroken,
    JQuantsError,
    JQuantsFailing,
    JQuantsRateLimited,
    JQuantsRefused,
    JQuantsUnavailable,
    KeyRefused,
    NoSubscription,
    PlanRefused,
    RequestRefused,
)
from meigara.errors.running import (
    Conflict,
    DemoUnavailable,
    InventedAnswer,
    LeaseLost,
    MarketsMixed,
    NoLaterRoster,
    RealAnswer,
    RosterDefective,
    RosterFollows,
    RosterHeld,
    RunAlreadyActive,
    RunAlreadyFinished,
    RunCancelled,
    RunFollowsAnother,
    RunNotApplicable,
    RunNotHeld,
    ScheduleChanged,
    StoreBusy,
    StoreDamaged,
    StoreLost,
    StoreNotEmpty,
    StoreUnavailable,
    TargetExists,
    TooManyExports,
    UnexpectedFailure,
)
from meigara.errors.starting import (
    AccountsMissing,
    AddressUnusable,
    ConfigurationError,
    InvalidSetting,
    MissingKey,
    MisspeltSetting,
    SchemaNewer,
    SchemaOutdated,
    SecretUnreadable,
    UnknownSetting,
)

__all__ = [
    "AccessRefused",
    "AccountExists",
    "AccountNotFound",
    "AccountsMissing",
    "AddressUnreadable",
    "AddressUnusable",
    "AnswerTooLarge",
    "BackupUnreadable",
    "BeforeFirstRoster",
    "CameFromElsewhere",
    "ConfigurationError",
    "Conflict",
    "DateOutsidePlan",
    "DemoUnavailable",
    "HostUnknown",
    "InvalidAccount",
    "InvalidCursor",
    "InvalidDate",
    "InvalidInput",
    "InvalidIssueCode",
    "InvalidPassword",
    "InvalidSchedule",
    "InvalidSetting",
    "InventedAnswer",
    "IssueNotFound",
    "JQuantsContractBroken",
    "JQuantsError",
    "JQuantsFailing",
    "JQuantsRateLimited",
    "JQuantsRefused",
    "JQuantsUnavailable",
    "KeyRefused",
    "LastAdministrator",
    "LeaseLost",
    "MarketsMixed",
    "MeigaraError",
    "MissingKey",
    "MisspeltSetting",
    "NoLaterRoster",
    "NoSubscription",
    "NotFound",
    "NothingSynced",
    "PageNotFound",
    "ParameterRepeated",
    "ParameterUnknown",
    "PermissionMissing",
    "PlanRefused",
    "RealAnswer",
    "Reason",
    "RequestRefused",
    "RosterDefective",
    "RosterFollows",
    "RosterHeld",
    "RosterNotFound",
    "RunAlreadyActive",
    "RunAlreadyFinished",
    "RunCancelled",
    "RunFollowsAnother",
    "RunNotApplicable",
    "RunNotFound",
    "RunNotHeld",
    "ScheduleChanged",
    "SchemaNewer",
    "SchemaOutdated",
    "SearchTooLong",
    "SecretUnreadable",
    "SignInNeeded",
    "SignInRefused",
    "SourceNotFound",
    "StoreBusy",
    "StoreDamaged",
    "StoreLost",
    "StoreNotEmpty",
    "StoreUnavailable",
    "TargetExists",
    "TargetNotFound",
    "TargetUnreadable",
    "TextUnstorable",
    "TokenNotFound",
    "TooManyExports",
    "TooManyPages",
    "TooManySignIns",
    "UnexpectedFailure",
    "UnknownClass",
    "UnknownField",
    "UnknownSetting",
]
