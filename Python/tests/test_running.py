"""Running the program: words, lines, results, errors and interruptions."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from test_program import script

import supernet
from supernet.running import error_message, option_words


@pytest.fixture
def fake(clean_environment: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Makes a program of a shell script."""

    def make(text: str) -> Path:
        path = script(tmp_path / "fake", text)
        clean_environment.setenv("SUPERNET_PROGRAM", str(path))
        return path

    return make


def test_keywords_are_options() -> None:
    options: dict[str, Any] = {
        "source": "mobilenet-v2", "data": Path("photos"), "max_macs": "48M", "top": 3, "fresh": True, "grey": False,
        "size": None, "gallery": ["a", Path("b")], "mean": -0.5,
    }  # fmt: skip
    assert option_words(options, {}) == [
        "--source", "mobilenet-v2", "--data", "photos", "--max-macs", "48M", "--top", "3", "--fresh",
        "--gallery", "a", "--gallery", "b", "--mean=-0.5",
    ]  # fmt: skip
    with pytest.raises(TypeError, match="data is a text, .* not {}"):
        option_words({"data": {}}, {})  # type: ignore[dict-item]


def test_settings_are_written_as_yaml_reads_them() -> None:
    settings = {
        "task.name": "age",
        "a": 3,
        "b": 0.5,
        "c": True,
        "d": None,
        "e": [1, "x"],
        "f": Path("p"),
        "g": "[1, 2]",
    }
    words = option_words({}, settings)
    assert words[::2] == ["--set"] * len(settings)
    assert words[1::2] == [
        "task.name=age", "a=3", "b=0.5", "c=true", "d=null", 'e=[1, "x"]', 'f="p"', "g=[1, 2]",
    ]  # fmt: skip


def test_lines_come_as_they_are_printed(fake: Any) -> None:
    fake('echo "$@"; echo first >&2; printf "second\\nth" >&2; sleep 0.2; printf "ird" >&2; printf "ü"')
    lines: list[str] = []
    result = supernet.run("predict", "a b", Path("c"), progress=lines.append, set={"x": 1}, run="runs/x")
    assert sorted(lines) == ["first", "predict a b c --run runs/x --set x=1", "second", "third", "ü"]
    assert result.output == "predict a b c --run runs/x --set x=1\nü"
    assert result.folder == Path("runs/x")


def test_without_run_there_is_no_folder(fake: Any) -> None:
    fake("true")
    assert supernet.run("doctor") == supernet.RunResult("", None)
    assert supernet.run("train", "--run=runs/y").folder == Path("runs/y")


def test_by_default_lines_go_to_standard_error(fake: Any, capsys: pytest.CaptureFixture[str]) -> None:
    fake("echo result; echo message >&2")
    supernet.run("data")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sorted(captured.err.splitlines()) == ["message", "result"]


def test_much_output_does_not_stop_the_program(fake: Any) -> None:
    fake("head -c 3000000 /dev/zero | tr '\\0' 'a'; head -c 3000000 /dev/zero | tr '\\0' 'b' >&2")
    lengths: list[int] = []
    assert len(supernet.run("data", progress=lambda line: lengths.append(len(line))).output) == 3_000_000
    assert lengths == [3_000_000] * 2


def test_errors_have_the_programs_own_words(fake: Any) -> None:
    fake(
        'echo step 1 >&2; echo "Error: --top must be at least 1, is 0" >&2; echo "Usage: supernet predict" >&2; exit 64'
    )
    with pytest.raises(supernet.ProgramError) as caught:
        supernet.run("predict", progress=lambda line: None)
    error = caught.value
    assert str(error) == error.message == "--top must be at least 1, is 0"
    assert error.exit_code == 64
    assert error.output.startswith("step 1\nError: ")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.message, copy.exit_code, copy.output) == (error.message, 64, error.output)


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("Error: a\n  b\n  c\n", 1, "a\n  b\n  c"),
        ("error: a\nHelp: b\nUsage: c", 1, "a"),
        ("Error: old\nmore\nError: new", 1, "new"),
        ("what is this\n", 2, "what is this"),
        ("", 2, "the program ended with the exit code 2 and said nothing"),
        ("", -9, "the program was ended by the signal 9"),
        ("step 7", -11, "the program was ended by the signal 11; it said last: step 7"),
    ],
)
def test_messages_are_found(text: str, code: int, message: str) -> None:
    assert error_message(text, code) == message


def test_a_program_that_a_signal_ends_is_an_error(fake: Any) -> None:
    fake("kill -9 $$")
    with pytest.raises(supernet.ProgramError, match="signal 9") as caught:
        supernet.run("train", progress=lambda line: None)
    assert caught.value.exit_code == -signal.SIGKILL


def test_an_interruption_reaches_the_program(fake: Any, tmp_path: Path) -> None:
    done = tmp_path / "done"
    fake(f"trap 'echo stopped >&2; sleep 0.2; touch {done}; exit 130' INT; echo ready; while :; do sleep 0.05; done")
    lines: list[str] = []

    def progress(line: str) -> None:
        lines.append(line)
        if line == "ready":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        supernet.run("train", progress=progress)
    assert done.exists()
    assert lines == ["ready", "stopped"]


def test_an_interruption_of_the_process_reaches_the_program(fake: Any, tmp_path: Path) -> None:
    done = tmp_path / "done"
    path = fake(f"trap 'touch {done}; exit 130' INT; echo ready; while :; do sleep 0.05; done")
    code = (
        f"import sys, os; sys.path.insert(0, {str(Path(supernet.__file__).parents[1])!r}); "
        f"os.environ['SUPERNET_PROGRAM'] = {str(path)!r}; import supernet; supernet.run('train')"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None and process.stderr.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=30)[1]
    assert done.exists()


def test_what_progress_raises_ends_the_program(fake: Any, tmp_path: Path) -> None:
    done = tmp_path / "done"
    fake(f"trap 'echo more; touch {done}; exit 130' INT; echo ready; while :; do sleep 0.05; done")
    calls: list[str] = []

    def progress(line: str) -> None:
        calls.append(line)
        raise RuntimeError("full")

    with pytest.raises(RuntimeError, match="full"):
        supernet.run("train", progress=progress)
    assert done.exists() and calls == ["ready"]


def test_a_process_that_is_left_behind_is_not_waited_for(fake: Any) -> None:
    fake("sleep 20 & echo started")
    before = time.monotonic()
    assert supernet.run("data", progress=lambda line: None).output == "started\n"
    assert time.monotonic() - before < 10


def test_several_threads_may_run_programs(fake: Any) -> None:
    fake("sleep 0.1; echo $1")
    found: list[str] = []

    def run(name: str) -> None:
        found.append(supernet.run(name, progress=len).output)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["a\n", "b\n", "c\n"]


def test_the_program_says_what_is_wrong(program: str, tmp_path: Path) -> None:
    with pytest.raises(supernet.ProgramError, match="did you mean `train`") as caught:
        supernet.run("trian", progress=lambda line: None)
    assert caught.value.exit_code == 64
    with pytest.raises(supernet.ProgramError) as caught:
        supernet.run("predict", tmp_path / "nowhere.safetensors", tmp_path, progress=lambda line: None)
    assert "nowhere.safetensors" in caught.value.message and caught.value.exit_code == 1
    assert not caught.value.message.startswith("Error")
