"""Typed access to the JSON objects that files hold, with messages that name the key."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeVar

Word = TypeVar("Word", bound=str)


class Fields:
    """One JSON object. A key whose value is null counts as missing; a value of another type raises `ValueError`.

    Args:
        values: what the JSON holds at this place.
        place: the keys that lead here, for messages; empty for the outermost object.

    Raises:
        ValueError: if the JSON holds anything but an object.
    """

    def __init__(self, values: object, place: str = "") -> None:
        self.place = place
        if not isinstance(values, dict):
            raise _wrong(f"`{place}`" if place else "it", values, "no JSON object")
        self.values: dict[str, Any] = values

    def __contains__(self, key: str) -> bool:
        return self.values.get(key) is not None

    def __getitem__(self, key: str) -> Fields:
        """The object under a key."""
        return Fields(self._value(key, "an object"), self.name(key))

    def optional(self, key: str) -> Fields | None:
        """The object under a key; none where it is missing."""
        value = self.values.get(key)
        return None if value is None else Fields(value, self.name(key))

    def name(self, key: str) -> str:
        """The key with those that lead to it, such as `network.channels`."""
        return f"{self.place}.{key}" if self.place else key

    def integer(self, key: str, default: int | None = None, *, least: int = 1, most: int = 65_536) -> int:
        """A whole number within bounds."""
        value = self._value(key, "a whole number", default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(key, value, "no whole number")
        if not least <= value <= most:
            raise self._wrong(key, value, f"not from {least} to {most}")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number."""
        return self._number(key, self._value(key, "a number", default))

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._value(key, "true or false", default)
        if not isinstance(value, bool):
            raise self._wrong(key, value, "neither true nor false")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text."""
        value = self._value(key, "a text", default)
        if not isinstance(value, str):
            raise self._wrong(key, value, "no text")
        return value

    def word(self, key: str, *known: Word, default: Word | None = None) -> Word:
        """One of several texts."""
        text = self.text(key, default)
        for word in known:
            if text == word:
                return word
        raise self._wrong(key, text, f"none of {', '.join(known)}")

    def objects(self, key: str) -> Iterator[Fields]:
        """The objects of a list."""
        for number, value in enumerate(self._list(key)):
            yield Fields(value, f"{self.name(key)}.{number}")

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        for value in (values := self._list(key)):
            if not isinstance(value, str):
                raise self._wrong(key, value, "no text")
        return values

    def numbers(self, key: str) -> list[float]:
        """A list of finite numbers."""
        return [self._number(key, value) for value in self._list(key)]

    def size(self, key: str, *, least: int = 1, most: int = 16_384) -> tuple[int, int]:
        """A height and a width in pixels, which the JSON writes as one number where they are equal."""
        value = self._value(key, "a number or [height, width]")
        match value:
            case bool() | [bool(), _] | [_, bool()]:
                raise self._wrong(key, value, "neither a whole number nor [height, width]")
            case int(height):
                width = height
            case [int(height), int(width)]:
                pass
            case _:
                raise self._wrong(key, value, "neither a whole number nor [height, width]")
        if not (least <= height <= most and least <= width <= most):
            raise self._wrong(key, value, f"not from {least} to {most} pixels")
        return height, width

    def _number(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._wrong(key, value, "no number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self._wrong(key, value, "no finite number")
        return number

    def _list(self, key: str) -> list[Any]:
        value = self._value(key, "a list")
        if not isinstance(value, list):
            raise self._wrong(key, value, "no list")
        return value

    def _value(self, key: str, kind: str, default: object = None) -> object:
        value = self.values.get(key)
        if value is None:
            value = default
        if value is None:
            raise ValueError(f"`{self.name(key)}` is missing; it is {kind}")
        return value

    def _wrong(self, key: str, value: object, reason: str) -> ValueError:
        return _wrong(f"`{self.name(key)}`", value, reason)


def _wrong(name: str, value: object, reason: str) -> ValueError:
    """The error for a value, of which little is shown: a file may hold a very long one."""
    text = "a number beyond 10^20" if isinstance(value, int) and abs(value) >= 10**20 else repr(value)
    return ValueError(f"{name} is {text if len(text) <= 80 else text[:80] + '…'}, which is {reason}")
