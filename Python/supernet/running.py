"""Runs the program `supernet` from Python: its verbs with their options as keywords."""

from __future__ import annotations

import codecs
import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import IO

from supernet.errors import ProgramError
from supernet.program import command

Value = str | int | float | bool | os.PathLike[str]
"""A value of an option."""
Option = Value | Sequence[Value] | None
"""What a keyword may hold: a value, several for an option that may be repeated, or nothing."""
Progress = Callable[[str], object]
"""Takes the lines that the program prints, without their ends."""


@dataclass(frozen=True)
class RunResult:
    """What a command gave.

    Attributes:
        output: what it wrote to standard output: results, such as a table of predictions, but no progress.
        folder: the folder that `--run` named; none without that option.
    """

    output: str
    folder: Path | None


def run(
    verb: str,
    *arguments: str | os.PathLike[str],
    progress: Progress | None = None,
    set: Mapping[str, object] | None = None,
    **options: Option,
) -> RunResult:
    """Runs a command and waits for its end.

        supernet.run("adapt", source="mobilenet-v2", data="photos/", max_macs="48M", set={"train.epochs": 3})

    is `supernet adapt --source mobilenet-v2 --data photos/ --max-macs 48M --set train.epochs=3`. A command that was
    interrupted goes on where it was when it is given again.

    Args:
        verb: the verb, such as `adapt`.
        arguments: what is passed on as it is, behind the verb.
        progress: takes each line that the program prints, of results as of messages, as it comes; by default they are
            printed to standard error. What it raises ends the program as an interruption does.
        set: settings, each for an option `--set key=value`. Texts are taken as they are, other values as JSON, which
            YAML reads, too.
        options: the options, with underscores for dashes: `max_macs="48M"` is `--max-macs 48M`; `True` is a flag,
            `False` and `None` are nothing, and of a list each value is given with the option anew.

    Raises:
        ProgramError: if the program ends with an error; it holds the program's message and exit code.
        SupernetError: if there is no program, or none for the PyTorch that is installed.
        KeyboardInterrupt: after the program was interrupted, too, and has ended.
        TypeError: for an option whose value is none; ValueError for a text with a zero byte.
    """
    words = [verb, *(os.fspath(one) for one in arguments), *option_words(options, set or {})]
    program, environment = command()
    child = subprocess.Popen(
        [program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    assert child.stdout is not None and child.stderr is not None
    output, errors = _Stream(child.stdout), _Stream(child.stderr)
    progress = progress or _print
    with child:
        try:
            _follow(child, [output, errors], progress)
        except KeyboardInterrupt:
            _interrupt(child, [output, errors], progress)
            raise
        except BaseException:
            # What failed is not called again.
            _interrupt(child, [output, errors], lambda line: None)
            raise
    if child.returncode:
        raise ProgramError(error_message(errors.text, child.returncode), child.returncode, errors.text)
    return RunResult(output.text, run_folder(words))


def option_words(options: Mapping[str, Option], settings: Mapping[str, object]) -> list[str]:
    """The words of a command for these keywords and settings.

    Raises:
        TypeError: for an option whose value is none.
    """
    words: list[str] = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        values = value if isinstance(value, (list, tuple)) else [value]
        for one in values:
            if one is True:
                words.append(option)
            elif isinstance(one, (str, os.PathLike)) or (isinstance(one, Real) and not isinstance(one, bool)):
                text = os.fspath(one) if isinstance(one, os.PathLike) else str(one)
                # As one word where the value could be taken for an option.
                words += [f"{option}={text}"] if text.startswith("-") else [option, text]
            elif one is not None and not isinstance(one, bool):
                raise TypeError(f"{name} is a text, a number, a path, True, or a list of them, not {one!r}")
    for key, setting in settings.items():
        text = setting if isinstance(setting, str) else json.dumps(setting, ensure_ascii=False, default=os.fspath)
        words += ["--set", f"{key}={text}"]
    return words


def run_folder(words: Sequence[str]) -> Path | None:
    """The folder that `--run` names among the words of a command; none where it does not stand there."""
    for place, word in enumerate(words):
        if word == "--run" and place + 1 < len(words):
            return Path(words[place + 1])
        if word.startswith("--run="):
            return Path(word.removeprefix("--run="))
    return None


def error_message(text: str, exit_code: int) -> str:
    """What the program says of its error, out of everything that it wrote to standard error.

    The message begins with `Error:` at the start of a line. What follows it about the usage of the command is left out;
    the exception that is made of it holds the whole text.
    """
    lines = text.splitlines()
    starts = [place for place, line in enumerate(lines) if line.lower().startswith("error:")]
    if starts:
        lines = lines[starts[-1] :]
        lines[0] = lines[0][len("error:") :].strip()
        end = next((place for place, line in enumerate(lines) if line.startswith(("Usage:", "Help:"))), len(lines))
        lines = lines[:end]
    message = "\n".join(lines if starts else lines[-10:]).strip()
    if exit_code < 0:
        ended = f"the program was ended by the signal {-exit_code}"
        return f"{ended}; it said last: {message}" if message else ended
    return message or f"the program ended with the exit code {exit_code} and said nothing"


class _Stream:
    """One of the program's streams: what came of it so far, and the line that is not complete yet."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.text = ""
        self.rest = ""
        # A character may come in two pieces.
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self) -> list[str] | None:
        """The lines that are complete now, without their ends; none at the end of the stream."""
        content = os.read(self.file.fileno(), 65_536)
        piece = self.decoder.decode(content, final=not content)
        self.text += piece
        *lines, self.rest = (self.rest + piece).split("\n")
        return lines if content else None


def _follow(child: subprocess.Popen[bytes], streams: list[_Stream], progress: Progress) -> None:
    """Hands on the lines of both streams until the program has ended."""
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream.file, selectors.EVENT_READ, stream)
        while selector.get_map():
            ready = selector.select(timeout=0.5)
            if not ready and child.poll() is not None:
                break  # a process that the program started may hold the streams open for longer
            for key, _ in ready:
                lines = key.data.read()
                for line in lines or []:
                    progress(line)
                if lines is None:
                    selector.unregister(key.fileobj)
                    if key.data.rest:
                        progress(key.data.rest)
    child.wait()


def _interrupt(child: subprocess.Popen[bytes], streams: list[_Stream], progress: Progress) -> None:
    """Interrupts the program as Ctrl-C would, hands on what it says to that, and waits for its end; whatever goes wrong
    meanwhile, another interruption for example, ends it at once."""
    try:
        child.send_signal(signal.SIGINT)
        _follow(child, streams, progress)
    except BaseException:
        child.kill()
        raise


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
