"""How does the process start? Ctrl-C ends it without a traceback from the first moment on."""

import signal


def main() -> None:
    """Load the command line and run it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from meigara.cli.main import main as command_line  # noqa: PLC0415 - loading takes its time

    signal.signal(signal.SIGINT, signal.default_int_handler)
    command_line()


if __name__ == "__main__":
    main()
