"""Pickles that were damaged on purpose: bits turned, ends cut off, instructions spliced in, parts moved."""

from __future__ import annotations

import bz2
import io
import pickle
import random
import zlib
from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np

from tests.artifacts.corpora.assembling import Reduced, call, look_up, text

# Instructions that do something, each of which may come to stand anywhere.
_INSTRUCTIONS = (
    *(b"R", b"b", b"o", b"\x81", b"\x92", b"\x93", b"0", b"1", b"2", b"(", b"t", b"\x85", b"\x86", b"\x87", b"a", b"e"),
    *(b"s", b"u", b"\x90", b"\x91", b"l", b"d", b"}", b"]", b")", b"\x8f", b"N", b"\x88", b"K\x01", b"\x94", b"h\x00"),
    *(b"h\x01", b"h\x05", b"q\x00", b"q\x01", b"j\x02\x00\x00\x00", b".", b"\x80\x02", b"\x80\x05", b"Q", b"\x82\x01"),
    *(b"\x98", b"\x97", b"\x95\x08\x00\x00\x00\x00\x00\x00\x00", b"r\xff\xff\xff\x7f", b"X\xff\xff\xff\x7f"),
    *(b"cnumpy\nndarray\n", b"cnumpy\ndtype\n", b"ccopyreg\n_reconstructor\n", b"cbuiltins\neval\n"),
    *(b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n", look_up("os", "system"), call(look_up("os", "getpid")), text("os")),
)


def seeds() -> list[bytes]:
    """Return what mutants are made of: files of models, and a few that are unsafe."""
    return [content for content, _ in _kinds()]


def _kinds() -> list[tuple[bytes, str]]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(np.eye(4), [0, 1, 0, 1])
    held = {"a": np.arange(6.0), "b": np.array(["x", None], dtype=object), "c": np.zeros(2, [("p", "f8"), ("q", "O")])}
    made = [(pickle.dumps(value, protocol), "") for value in (model, held) for protocol in (0, 2, 4, 5)]
    made += [(_joblib(value, protocol), "") for value in (model, held) for protocol in (2, 4)]
    made.append((pickle.dumps([Reduced(eval, "1"), held], 4), ""))
    return made


def _joblib(value: Any, protocol: int) -> bytes:
    stream = io.BytesIO()
    joblib.dump(value, stream, protocol=protocol)
    return stream.getvalue()


def mutants(count: int, *, seed: int) -> Iterator[tuple[bytes, str]]:
    """Give mutants, each with its compression.

    Parameters
    ----------
    count : int
        How many.
    seed : int
        Of the choices.
    """
    chance, made = random.Random(seed), seeds()
    for number in range(count):
        data = bytearray(chance.choice(made))
        for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
            chance.choice((_turn, _cut, _splice, _replace, _repeat, _move))(data, chance)
        content = bytes(data)
        if number % 20 == 0:
            yield _damaged(zlib.compress(content), chance), "zlib"
        elif number % 20 == 1:
            yield _damaged(bz2.compress(content), chance), "bz2"
        else:
            yield content, ""


def _damaged(packed: bytes, chance: random.Random) -> bytes:
    data = bytearray(packed)
    if chance.random() < 0.5:
        _turn(data, chance)
    return bytes(data)


def _at(data: bytearray, chance: random.Random) -> int:
    return chance.randrange(len(data)) if data else 0


def _turn(data: bytearray, chance: random.Random) -> None:
    if data:
        data[_at(data, chance)] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[_at(data, chance) :]


def _splice(data: bytearray, chance: random.Random) -> None:
    at = _at(data, chance)
    data[at:at] = b"".join(chance.choices(_INSTRUCTIONS, k=chance.choice((1, 1, 2, 5))))


def _replace(data: bytearray, chance: random.Random) -> None:
    at, part = _at(data, chance), chance.choice(_INSTRUCTIONS)
    data[at : at + len(part)] = part


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = _at(data, chance)
    data[at:at] = data[at : at + chance.randrange(1, 40)] * chance.choice((1, 2, 50))


def _move(data: bytearray, chance: random.Random) -> None:
    at = _at(data, chance)
    part = data[at : at + chance.randrange(1, 40)]
    del data[at : at + len(part)]
    at = _at(data, chance)
    data[at:at] = part
