"""How is a running sync shown: live on a terminal, as plain lines in a pipe?"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from meigara.cli.edge import State, tell
from meigara.domain.run import Phase
from meigara.sentences import progress_sentence
from meigara.services.progress import Listener, Progress


@contextmanager
def shown_progress(state: State) -> Iterator[Listener]:
    """Give a listener that shows each step on standard error."""
    if not sys.stderr.isatty():
        yield _Lines(state).show
        return
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task(_sentence(state, Progress()), total=len(Phase))
        yield lambda progress: _move(bar, task, state, progress)


def _move(bar: Bar, task: TaskID, state: State, progress: Progress) -> None:
    done = list(Phase).index(progress.phase)
    bar.update(task, description=_sentence(state, progress), completed=done)


class _Lines:
    """Writes a line whenever the sentence about the progress changes."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._last = ""

    def show(self, progress: Progress) -> None:
        """Write the progress unless it was just written."""
        sentence = _sentence(self._state, progress)
        if sentence != self._last:
            tell(sentence, err=True)
            self._last = sentence


def _sentence(state: State, progress: Progress) -> str:
    return progress_sentence(progress.as_values(), state.translate)
