"""`meigara completion`: how does the shell learn to complete commands, options and codes?"""

import click
from click.shell_completion import get_completion_class

_SHELLS = ("bash", "zsh", "fish")


@click.command(
    help='Print the completion script of a shell, for example: eval "$(meigara completion bash)"'
)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that the shell evaluates."""
    kind = get_completion_class(shell)
    if kind is not None:
        script = kind(context.find_root().command, {}, "meigara", "_MEIGARA_COMPLETE").source()
        click.echo(script)
