"""numpy's arrays in a pickle: in a state of their own, or raw between the instructions, as joblib writes them."""

from __future__ import annotations

from typing import Any, Protocol

from pytest_mlgate.artifacts.inspection import values
from pytest_mlgate.artifacts.inspection.dtypes import Dtype, count_of, shape_of
from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.artifacts.inspection.rules import WRAPPER, Reader, settle
from pytest_mlgate.artifacts.inspection.source import Source
from pytest_mlgate.artifacts.inspection.values import Array, Global, State, Wrapper

_KEYS = frozenset(("subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"))
_SUBCLASSES = frozenset(("numpy:ndarray", "numpy:matrix", "numpy:memmap"))
_LARGEST = 2**62


class Following(Reader, Protocol):
    """What is needed of the one who follows the pickle."""

    source: Source

    def nested(self) -> Any:
        """Follow a pickle that begins here."""


def pass_raw_array(wrapper: Wrapper, state: Any, reader: Following) -> Array:
    """Pass over what lies between the instructions behind joblib's note of an array, as joblib reads it.

    Elements without objects: one byte that says how many bytes of padding follow, those, and the elements. Elements
    with objects: another pickle.
    """
    size, objects, shape, aligned = _described(wrapper, state, reader)
    if not reader.source.outside_frames():
        raise Refused("odd array", "holds an array inside of a frame")
    if objects:
        made = reader.nested()
        if not (isinstance(made, Array) and made.filled):
            raise Refused("odd array", "holds an array of objects whose pickle is no array")
        return made
    # joblib counts in 64 bits, and divides by the size of an element
    if not size > 0 or size * count_of(shape) > _LARGEST:
        raise Refused("odd array", "holds an array of a size that joblib cannot read")
    if aligned:
        reader.source.skip(reader.source.byte())
    reader.source.skip(size * count_of(shape))
    array = Array()
    array.filled = True
    return array


def _described(wrapper: Wrapper, state: Any, reader: Reader) -> tuple[int, bool, tuple[int, ...], bool]:
    """Return bytes of an element, whether it holds objects, the shape, and whether there is padding."""
    if wrapper.filled or not isinstance(state, State) or state.closed or not _KEYS.issuperset(state.items):
        raise Refused("odd array", "holds an array that is not described as joblib does")
    wrapper.filled = state.closed = True
    reader.owe(WRAPPER, -1)
    told = state.items
    subclass, dtype, alignment = told.get("subclass"), told.get("dtype"), told.get("numpy_array_alignment_bytes")
    if not (isinstance(subclass, Global) and subclass.name in _SUBCLASSES and isinstance(dtype, Dtype)):
        raise Refused("odd array", "holds an array whose class or dtype is none that joblib writes")
    settle(subclass, reader)
    if told.get("order") not in ("C", "F") or not isinstance(told.get("allow_mmap", False), bool):
        raise Refused("odd array", "holds an array that is not described as joblib does")
    if alignment is not None and type(alignment) is not int:
        raise Refused("odd array", "holds an array with an odd alignment")
    size, objects = dtype.used()
    return size, objects, shape_of(told.get("shape")), alignment is not None


def fill_array(array: Array, state: Any) -> None:
    """Take the state of an array that numpy pickled: ``(1, shape, dtype, is_fortran, content)``, masked ones with more.

    Content is a list where elements hold objects and bytes where they do not: numpy would take bytes for addresses.
    """
    length = 7 if array.masked else 5
    if array.filled or not (isinstance(state, tuple) and len(state) == length):
        raise Refused("odd array", "holds an array with a state that numpy does not write")
    array.filled = True
    _, shape, dtype, order, content, *more = state
    if not isinstance(dtype, Dtype) or not isinstance(order, bool | int):
        raise Refused("odd array", "holds an array with a state that numpy does not write")
    size, objects = dtype.used()
    if size * count_of(shape_of(shape)) > _LARGEST:
        raise Refused("odd array", "holds an array of an impossible size")
    if content is not values.LIST if objects else content not in (values.BYTES, values.BYTEARRAY):
        raise Refused("odd array", "holds an array whose content is not what its dtype says")
    if more and more[0] is not values.BYTES:
        raise Refused("odd array", "holds a masked array with an odd mask")
