"""What does each route ask of whoever calls it? A route that is not named here is closed."""

from collections.abc import Mapping

from meigara.domain.access import Permission

_NOTHING = (
    "GET /healthz",
    "GET /readyz",
    "GET /language/{language}",
    "GET /sign-in",
    "POST /sign-in",
)
_READ = (
    "GET /",
    "GET /account",
    "POST /account/password",
    "POST /account/tokens",
    "POST /account/tokens/{token_id}/revoke",
    "POST /sign-out",
    "GET /data-sources/{source_id}",
    "GET /data-sources/{source_id}/live",
    "GET /data-sources/{source_id}/endpoints/{endpoint_id}/execution-history",
    "GET /data-sources/{source_id}/schedule",
    "GET /data-sources/{source_id}/schedule/preview",
    "GET /issues",
    "GET /issues/{code}",
    "GET /runs",
    "GET /runs/{run_id}",
    "GET /sync/task/{task_id}",
    "GET /metrics",
    "GET /changes.atom",
    "GET /api/v1/status",
    "GET /api/v1/issues",
    "GET /api/v1/issues/{code}",
    "GET /api/v1/changes",
    "GET /api/v1/exports/issues.{format}",
    "GET /api/v1/exports/changes.{format}",
    "GET /api/v1/rosters",
    "GET /api/v1/runs",
    "GET /api/v1/runs/{run_id}",
    "GET /api/v1/companies/schedule",
    "GET /jquants/v2/equities/master",
    "GET /jquants/v2/markets/calendar",
    "GET /jquants/{path:path}",
)
_OPERATE = (
    "POST /sync-companies-action",
    "POST /data-sources/{source_id}/schedule",
    "GET /runs/{run_id}/{decision}",
    "POST /runs/{run_id}/cancel",
    "POST /runs/{run_id}/apply",
    "POST /runs/{run_id}/discard",
    "POST /runs/{run_id}/retry",
    "POST /runs/{run_id}/retract",
    "POST /api/v1/rosters/{as_of}/retract",
    "POST /api/v1/runs",
    "POST /api/v1/runs/{run_id}/cancel",
    "POST /api/v1/runs/{run_id}/apply",
    "POST /api/v1/runs/{run_id}/discard",
    "POST /api/v1/runs/{run_id}/retry",
    "PUT /api/v1/companies/schedule",
)
_ADMINISTER = (
    "GET /setup",
    "POST /setup",
    "POST /setup/demo",
    "POST /setup/leave-demo",
    "GET /audit",
    "GET /notices",
    "POST /notices",
    "POST /notices/{target_id}/trial",
    "GET /notices/{target_id}/remove",
    "POST /notices/{target_id}/remove",
    "POST /notices/messages/{notice_id}/again",
)

PERMISSIONS: Mapping[str, Permission] = {
    **dict.fromkeys(_NOTHING, Permission.NOTHING),
    **dict.fromkeys(_READ, Permission.READ),
    **dict.fromkeys(_OPERATE, Permission.OPERATE),
    **dict.fromkeys(_ADMINISTER, Permission.ADMINISTER),
}
