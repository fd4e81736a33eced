"""Typed access to JSON: values of the wrong type are refused with the keys that lead to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from supernet.fields import Fields

FIELDS = Fields(
    {"whole": 3, "big": 10**30, "half": 0.5, "yes": True, "word": "text", "none": None, "list": [1, "a", {}], "in": {}},
    "outer",
)


def test_values_and_defaults() -> None:
    assert FIELDS.integer("whole") == 3
    assert FIELDS.integer("none", 5) == FIELDS.integer("missing", 5) == 5
    assert FIELDS.number("half") == 0.5
    assert FIELDS.number("whole") == 3.0
    assert FIELDS.flag("yes") and not FIELDS.flag("missing", False)
    assert FIELDS.text("word") == FIELDS.word("word", "text", "other") == "text"
    assert FIELDS["in"].place == "outer.in"
    assert FIELDS.optional("none") is None and "none" not in FIELDS
    assert Fields({"a": 3}).size("a") == (3, 3)
    assert Fields({"a": [3, 4]}).size("a") == (3, 4)


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: FIELDS.integer("missing"), "`outer.missing` is missing; it is a whole number"),
        (lambda: FIELDS.integer("yes"), "`outer.yes` is True, which is no whole number"),
        (lambda: FIELDS.integer("half"), "`outer.half` is 0.5, which is no whole number"),
        (lambda: FIELDS.integer("whole", most=2), "`outer.whole` is 3, which is not from 1 to 2"),
        (lambda: FIELDS.integer("big"), "`outer.big` is a number beyond 10^20, which is not from 1 to 65536"),
        (lambda: FIELDS.number("word"), "`outer.word` is 'text', which is no number"),
        (lambda: Fields({"a": 10**400}).number("a"), "`a` is a number beyond 10^20, which is no finite number"),
        (lambda: FIELDS.flag("whole"), "`outer.whole` is 3, which is neither true nor false"),
        (lambda: FIELDS.text("whole"), "`outer.whole` is 3, which is no text"),
        (lambda: FIELDS.word("word", "other"), "`outer.word` is 'text', which is none of other"),
        (lambda: FIELDS.texts("list"), "`outer.list` is 1, which is no text"),
        (lambda: FIELDS.numbers("list"), "`outer.list` is 'a', which is no number"),
        (lambda: list(FIELDS.objects("list")), "`outer.list.0` is 1, which is no JSON object"),
        (lambda: list(FIELDS.objects("word")), "`outer.word` is 'text', which is no list"),
        (lambda: FIELDS["whole"], "`outer.whole` is 3, which is no JSON object"),
        (lambda: Fields({"a": [1, 2, 3]}).size("a"), "`a` is [1, 2, 3], which is neither a whole number nor"),
        (lambda: Fields({"a": True}).size("a"), "`a` is True, which is neither a whole number nor"),
        (lambda: Fields({"a": 0}).size("a"), "`a` is 0, which is not from 1 to 16384 pixels"),
        (lambda: Fields([]), "it is [], which is no JSON object"),
    ],
)
def test_wrong_values_are_refused(read: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        read()
    assert str(caught.value).startswith(message)


def test_messages_are_short() -> None:
    with pytest.raises(ValueError) as caught:
        Fields({"a": "x" * 10_000}).integer("a")
    assert len(str(caught.value)) < 200
