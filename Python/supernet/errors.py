"""The exceptions of this package. Files that do not exist, or cannot be read at all, raise `OSError` as everywhere."""

from __future__ import annotations


class SupernetError(Exception):
    """The base of all exceptions that this package defines."""


class FileError(SupernetError, ValueError):
    """A file is damaged, is none that supernet wrote, or holds what the package does not know. The message names the
    file."""


class ProgramError(SupernetError):
    """The program `supernet` ended with an error.

    Attributes:
        message: what the program said, without the word `Error:` before it.
        exit_code: its exit status; as in `subprocess`, -N where the signal N ended it.
        output: everything that it wrote to standard error.
    """

    def __init__(self, message: str, exit_code: int, output: str = "") -> None:
        super().__init__(message)
        self.message, self.exit_code, self.output = message, exit_code, output

    def __reduce__(self) -> tuple[type[ProgramError], tuple[str, int, str]]:
        # Without this, an exception of several arguments does not come back from another process.
        return type(self), (self.message, self.exit_code, self.output)
