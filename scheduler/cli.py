"""The command line: `presswatch COMMAND`. Exit codes: 0 done, 1 something failed, 2 bad use, 130 interrupted."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

INTERRUPTED = 130  # 128 + SIGINT, what a shell expects

try:
    import click

    from scheduler.commands.add import add
    from scheduler.commands.backfill import backfill
    from scheduler.commands.changes import changes
    from scheduler.commands.check import check
    from scheduler.commands.demo import demo
    from scheduler.commands.digest import digest
    from scheduler.commands.init import init
    from scheduler.commands.preview import preview
    from scheduler.commands.releases import releases
    from scheduler.commands.repair import repair
    from scheduler.commands.run import run
    from scheduler.commands.search import search
    from scheduler.commands.shell import Shell
    from scheduler.commands.status import status
    from scheduler.commands.verify import verify
    from scheduler.config import ConfigError
    from storage.errors import StoreError
except KeyboardInterrupt:  # while this is loaded, before any command could tell
    sys.exit(INTERRUPTED)


class BadConfiguration(click.ClickException):
    """A configuration that cannot be used: bad use, told as file, line, key and way out."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints each problem on a line of its own, beginning with its file so that editors can jump there."""
        click.echo(self.message, file=file or sys.stderr)


class Presswatch(click.Group):
    """The group of all commands: keeps their order in the help, and turns errors into messages and exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order a newcomer meets them."""
        del ctx
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command; every foreseen error becomes one message on stderr."""
        _open_closed()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows "?" instead of a traceback
        try:
            answer: object = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            _close_stdout()
            raise click.exceptions.Exit(0) from None
        except ConfigError as error:
            raise BadConfiguration(str(error)) from error
        except StoreError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(_told(error)) from error
        return answer


def _open_closed() -> None:
    """Sends nowhere what goes to a stream that was closed before the start (`>&-`): Python has none for it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - until the process ends


def _close_stdout() -> None:
    """The reader of the pipe went away (`| head`): what is still buffered goes nowhere, without a complaint at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def _spare_the_collector() -> None:
    """Little that a command makes needs the collector to die, and nothing at its end: a tenth of a short one's time."""
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)  # the interpreter would look through all that was loaded once more as it ends


def _show_version(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    """Also where presswatch is started from its folder without being installed."""
    del param
    if asked:
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - rarely asked

        try:
            click.echo(f"presswatch {version('presswatch')}")
        except PackageNotFoundError:
            click.echo("presswatch (not installed)")
        ctx.exit()


@click.group(
    cls=Presswatch,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
First steps:
  presswatch demo        see the whole story on a newsroom of its own, offline
  presswatch init        write presswatch.toml here, then edit it
  presswatch add URL     watch what is at an address
  presswatch preview ID  what would be read of a newsroom
  presswatch check       read all newsrooms once: the first time is the baseline
  presswatch run         keep watching, and write the digests

The configuration is the file of --config, else the one that the variable PRESSWATCH_CONFIG names, else
./presswatch.toml, else the one in your configuration folder.""",
)
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The configuration file; stands before the command.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def main(ctx: click.Context, path: Path | None) -> None:
    """Watches newsrooms, and reports what is new, edited, moved or quietly withdrawn."""
    shell = ctx.find_object(Shell)
    if shell is None:  # nobody's but the command's process
        _spare_the_collector()
    ctx.obj = replace(shell or Shell(), path=path)
    if os.environ.get("NO_COLOR"):
        ctx.color = False


for _command in (
    init,
    add,
    preview,
    check,
    run,
    digest,
    status,
    changes,
    releases,
    search,
    backfill,
    repair,
    verify,
    demo,
):
    main.add_command(_command)
