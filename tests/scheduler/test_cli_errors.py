"""What every command does alike: exit codes, messages, pipes, and starting fast."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from click.testing import CliRunner

from scheduler.cli import main
from scheduler.commands.shell import Shell
from storage.records import Kind, Newsroom
from tests.scheduler.cli_stage import CONFIG, URL, Stage, change

if TYPE_CHECKING:
    pass

PROJECT = Path(__file__).parents[2]
HEAVY = ("scrapy", "twisted", "bs4", "apscheduler", "aiohttp", "selectolax", "parsel", "dateparser")
COMMANDS = ("init", "preview", "check", "run", "digest", "status", "changes", "releases", "verify", "demo")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.configure(CONFIG)
    return stage


def raising(error: BaseException) -> Shell:
    def daemon(_: Path) -> NoReturn:
        raise error

    return Shell(daemon=daemon)


class TestHelp:
    def test_names_the_commands_in_the_order_of_the_first_steps(self) -> None:
        said = CliRunner().invoke(main, ["--help"]).stdout
        places = [said.index(f"\n  {name} ") for name in COMMANDS]
        assert places == sorted(places)
        assert "PRESSWATCH_CONFIG" in said

    @pytest.mark.parametrize("command", COMMANDS)
    def test_of_each_command_has_examples_and_fits_a_terminal(self, command: str) -> None:
        result = CliRunner().invoke(main, [command, "-h"])
        assert result.exit_code == 0
        assert f"  presswatch {command}" in result.stdout.split("Example")[1] or command in {"run", "init"}
        assert max(map(len, result.stdout.splitlines())) <= 80

    def test_the_version(self) -> None:
        assert CliRunner().invoke(main, ["--version"]).stdout.startswith("presswatch ")


class TestExitCodes:
    def test_bad_use_is_two(self, stage: Stage) -> None:
        for arguments in (["nonsense"], ["status", "--nonsense"], ["changes", "--kind", "zzz"], []):
            assert stage.run(*arguments).exit_code == 2

    def test_an_unknown_kind_is_told_with_the_likely_one(self, stage: Stage) -> None:
        result = stage.run("changes", "--kind", "nwe")
        assert result.exit_code == 2
        assert 'There is no kind of change "nwe". Did you mean "new"? Known: baseline, broken,' in result.stderr

    def test_a_bad_configuration_is_two_and_each_problem_begins_with_its_file(self, stage: Stage) -> None:
        stage.configure('delay = "x"\nevry = 1\n')
        result = stage.run("status")
        assert (result.exit_code, result.stdout) == (2, "")
        first, second = result.stderr.splitlines()
        assert first.startswith(f"{stage.config}:1: delay: ")
        assert second.startswith(f"{stage.config}:2: evry: ")

    def test_a_missing_configuration_tells_of_init(self, tmp_path: Path) -> None:
        result = Stage(tmp_path).run("changes")
        assert result.exit_code == 2
        assert "init`" in result.stderr

    def test_a_damaged_database_is_one(self, stage: Stage) -> None:
        (stage.folder / "data").mkdir()
        (stage.folder / "data" / "presswatch.db").write_bytes(b"no database " * 200)
        for command in ("status", "changes", "releases"):
            result = stage.run(command)
            assert result.exit_code == 1
            assert "presswatch.db" in result.stderr
            assert result.stderr.startswith("Error: ")

    @pytest.mark.parametrize("command", ["status", "changes", "releases", "verify", "check", "digest", "preview x"])
    def test_a_data_directory_that_is_a_file_is_told_everywhere(self, stage: Stage, command: str) -> None:
        (stage.folder / "data").touch()
        result = stage.run(*command.split())
        assert result.exit_code == 2
        assert result.stderr == (
            f"{stage.config}:1: data_dir: {stage.folder / 'data'} is a file, or lies in one; "
            "move that away or name another folder\n"
        )

    def test_a_full_disk_is_one(self, stage: Stage) -> None:
        shell = raising(OSError(28, "No space left on device", "/data/x"))
        result = replace(stage, shell=shell).run("run")
        assert (result.exit_code, result.stderr) == (1, "Error: /data/x: No space left on device\n")

    def test_ctrl_c_is_quiet(self, stage: Stage) -> None:
        result = replace(stage, shell=raising(KeyboardInterrupt())).run("run")
        assert (result.exit_code, result.output) == (130, "")

    def test_a_reader_that_goes_away_is_no_failure(self, stage: Stage) -> None:
        result = replace(stage, shell=raising(BrokenPipeError())).run("run")
        assert (result.exit_code, result.output) == (0, "")

    def test_an_unforeseen_error_is_not_hidden(self, stage: Stage) -> None:
        result = replace(stage, shell=raising(ZeroDivisionError())).run("run")
        assert isinstance(result.exception, ZeroDivisionError)


class TestTheDaemonsShell:
    def test_starts_it_with_the_file_and_hands_on_its_exit_code(self, stage: Stage) -> None:
        started: list[Path] = []

        def daemon(path: Path) -> int:
            started.append(path)
            return 1

        assert replace(stage, shell=Shell(daemon=daemon)).run("run").exit_code == 1
        assert started == [stage.config]

    def test_does_not_start_with_a_bad_file(self, stage: Stage) -> None:
        stage.configure("nonsense = 1")
        assert replace(stage, shell=raising(AssertionError())).run("run").exit_code == 2


class TestWholeProcesses:
    def presswatch(self, folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        code = "import sys; from scheduler.cli import main\ntry: main(prog_name='presswatch')\n"
        code += f"finally: print('loaded:', [m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), **environ}
        return subprocess.run(  # noqa: S603 - starts this project's own code
            [sys.executable, "-c", code, *arguments],
            cwd=folder, env=environment, capture_output=True, check=False,
            encoding="utf-8", errors="replace", timeout=60,
        )  # fmt: skip

    @pytest.mark.parametrize("command", [("status", "--json"), ("changes",), ("releases",), ("--help",)])
    def test_commands_that_do_not_fetch_load_nothing_heavy(self, stage: Stage, command: tuple[str, ...]) -> None:
        stage.configure(CONFIG.replace('cron = "0 7 * * mon"', 'at = "08:00"'))
        stage.believe(Newsroom("ministry", URL), changes=(change(Kind.NEW),))
        result = self.presswatch(stage.folder, *command)
        assert result.returncode == 0
        assert result.stderr == "loaded: []\n"

    def test_a_terminal_that_lacks_letters_shows_the_rest(self, stage: Stage) -> None:
        stage.believe(Newsroom("ministry", URL), changes=(change(Kind.NEW, "Zürich – 東京"),))
        for encoding, shown in (("ascii", "Zürich – 東京"), ("cp1252", "Z\ufffdrich \ufffd ??")):
            result = self.presswatch(stage.folder, "changes", PYTHONIOENCODING=encoding)
            assert result.returncode == 0
            assert shown in result.stdout

    @pytest.mark.parametrize("command", ["status", "changes", "verify"])
    def test_a_stream_that_is_closed_from_the_start_is_no_failure(self, stage: Stage, command: str) -> None:
        stage.believe(Newsroom("ministry", URL), changes=(change(Kind.NEW),))
        line = f'exec "{sys.executable}" -c "from scheduler.cli import main; main()" {command}'
        for closed in (">&-", ">&- 2>&-"):
            result = subprocess.run(  # noqa: S602 - starts this project's own code through a shell, which closes streams
                f"{line} {closed}",
                shell=True, cwd=stage.folder, env={**os.environ, "PYTHONPATH": str(PROJECT)},
                capture_output=True, check=False, encoding="utf-8", timeout=60,
            )  # fmt: skip
            assert (result.returncode, result.stderr) == (0, "")

    def test_ctrl_c_while_it_is_loaded_is_quiet(self, stage: Stage) -> None:
        code = "import sys\nclass Stop:\n  def find_spec(self, name, *_):\n"
        code += "    if name == 'pydantic': raise KeyboardInterrupt\n"
        code += "sys.meta_path.insert(0, Stop())\nfrom scheduler.cli import main"
        result = subprocess.run(  # noqa: S603 - starts this project's own code
            [sys.executable, "-c", code],
            cwd=stage.folder, env={**os.environ, "PYTHONPATH": str(PROJECT)},
            capture_output=True, check=False, encoding="utf-8", timeout=60,
        )  # fmt: skip
        assert (result.returncode, result.stdout, result.stderr) == (130, "", "")

    def test_a_closed_pipe_ends_it_quietly(self, stage: Stage) -> None:
        many = tuple(change(Kind.NEW, f"Release {number} " + "x" * 200) for number in range(2000))
        stage.believe(Newsroom("ministry", URL), changes=many)
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        with subprocess.Popen(
            [sys.executable, "-c", "from scheduler.cli import main; main()", "changes"],
            cwd=stage.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as started:  # fmt: skip
            assert started.stdout is not None
            assert started.stderr is not None
            started.stdout.readline()
            started.stdout.close()
            assert started.stderr.read() == b""
            assert started.wait(30) == 0


def test_the_clock_of_the_shell_is_aware() -> None:
    assert Shell().clock().utcoffset() is not None
