"""`meigara schedule`: when does the list sync by itself?"""

from typing import TYPE_CHECKING

import click

from meigara.cli.edge import State, actor, run_async

if TYPE_CHECKING:
    from meigara.services.schedules import ScheduleEdit, ScheduleView

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(help="Show, change, pause or resume the daily sync.")
def schedule() -> None:
    """Offer the commands."""


@schedule.command(help="Show the schedule, the next times and the last run.")
@_json_option
@click.pass_obj
def show(state: State, as_json: bool) -> None:
    """Print the schedule."""
    _show(state, run_async(_view(state)), as_json=as_json)


@schedule.command(name="set", help="Sync each day at this time (HH:MM); effective at once.")
@click.argument("time", metavar="HH:MM")
@click.option("--timezone", metavar="ZONE", help="The IANA time zone, such as Asia/Tokyo.")
@_json_option
@click.pass_obj
def set_(state: State, time: str, timezone: str | None, as_json: bool) -> None:
    """Change the time, and the zone if one is given."""
    from meigara.services.schedules import ScheduleEdit

    _change(state, ScheduleEdit(execution_time=time, timezone=timezone), as_json=as_json)


@schedule.command(help="Sync no more by itself, until resumed.")
@_json_option
@click.pass_obj
def pause(state: State, as_json: bool) -> None:
    """Pause the schedule."""
    from meigara.services.schedules import ScheduleEdit

    _change(state, ScheduleEdit(is_enabled=False), as_json=as_json)


@schedule.command(help="Sync each day again, from the next time on.")
@_json_option
@click.pass_obj
def resume(state: State, as_json: bool) -> None:
    """Resume the schedule."""
    from meigara.services.schedules import ScheduleEdit

    _change(state, ScheduleEdit(is_enabled=True), as_json=as_json)


def _change(state: State, edit: "ScheduleEdit", *, as_json: bool) -> None:
    _show(state, run_async(_edited(state, edit)), as_json=as_json)


async def _view(state: State) -> "ScheduleView":
    from meigara.bootstrap import open_app
    from meigara.services.schedules import view

    async with open_app(state.settings, creates_schema=True) as app:
        return await view(app.database, app.now())


async def _edited(state: State, wanted: "ScheduleEdit") -> "ScheduleView":
    from meigara.bootstrap import open_app
    from meigara.services.schedules import edit, view

    async with open_app(state.settings, creates_schema=True) as app:
        await edit(app.database, wanted, actor(), app.now())
        return await view(app.database, app.now())


def _show(state: State, found: "ScheduleView", *, as_json: bool) -> None:
    from meigara.cli.output import write_json
    from meigara.sentences import sentence_of

    schedule, last = found.schedule, found.last_run
    if as_json:
        write_json(
            {
                "status": "enabled" if schedule.is_enabled else "paused",
                "execution_time": f"{schedule.execution_time:%H:%M}",
                "timezone": schedule.timezone,
                "next_slots": list(found.next_slots),
                "last_run_id": last.id if last else None,
            }
        )
        return
    time, zone = f"{schedule.execution_time:%H:%M}", schedule.timezone
    text = "Daily at {time} ({zone})" if schedule.is_enabled else "Paused; daily at {time} ({zone})"
    state.say(text, time=time, zone=zone)
    for slot in found.next_slots:
        state.say("  next: {slot:%Y-%m-%d %H:%M %Z}", slot=slot)
    if last is not None:
        state.say(
            "Last run: {run_id}. {sentence}",
            run_id=last.id,
            sentence=sentence_of(last, state.translate),
        )
    state.say("The schedule is kept by `meigara serve`, or by workers in distributed mode.")
