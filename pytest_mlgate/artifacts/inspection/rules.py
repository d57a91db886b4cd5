"""What the few functions that a model's file calls may be given, and what stands for what they return.

A rule takes the arguments, or None where they are too many to know, and returns what stands for the result: ``PLAIN``
where nothing has to be known of it, None where the function must not be called so. Names without a rule are harmless
whatever they are given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from pytest_mlgate.artifacts.inspection import values
from pytest_mlgate.artifacts.inspection.dtypes import Dtype, dtype_of, shape_of
from pytest_mlgate.artifacts.inspection.values import Array, Bound, Global, Made, Wrapper

WRAPPER: Final = "joblib.numpy_pickle:NumpyArrayWrapper"
BIT_GENERATOR: Final = "numpy.random._pickle:__bit_generator_ctor"
ARROW_TYPE: Final = "pyarrow.lib:type_for_alias"
PLAIN: Final = values.Atom("what the function returns")
_RECONSTRUCTOR_BASES = frozenset(("dict", "list", "set", "frozenset", "tuple", "int", "float", "str", "bytes"))
BIT_GENERATORS: Final = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")


class Reader(Protocol):
    """What a rule needs of the one who follows the pickle."""

    def owe(self, name: str, count: int) -> None:
        """Note that the one use of a name has to follow (1), or did (-1)."""


Rule = Callable[[tuple[Any, ...] | None, Reader], Any]


def settle(value: Any, reader: Reader) -> None:
    """Note that a name which may be used in one way only was used in it."""
    if isinstance(value, Bound):
        reader.owe(value.name, -1)


def _wrapper(arguments: tuple[Any, ...] | None, reader: Reader) -> Wrapper | None:
    if arguments != ():
        return None
    reader.owe(WRAPPER, 1)  # until its state came
    return Wrapper()


def _dtype(arguments: tuple[Any, ...] | None, reader: Reader) -> Dtype | None:
    return None if arguments is None else dtype_of(arguments)


def _reconstruct(arguments: tuple[Any, ...] | None, reader: Reader) -> Array | None:
    """``_reconstruct(ndarray, (0,), b"b")``: an empty array, which its state fills."""
    if arguments is None or len(arguments) != 3 or not _is_array_class(arguments[0]):
        return None
    settle(arguments[0], reader)
    return Array() if arguments[1] == (0,) and _is_letter(arguments[2]) else None


def _masked(arguments: tuple[Any, ...] | None, reader: Reader) -> Array | None:
    """``_mareconstruct(MaskedArray, ndarray, (0,), "b")``."""
    if arguments is None or len(arguments) != 4 or not _is_array_class(arguments[1]):
        return None
    masked = isinstance(arguments[0], Global) and arguments[0].name in _MASKED
    settle(arguments[1], reader)
    return Array(masked=True) if masked and arguments[2] == (0,) and _is_letter(arguments[3]) else None


def _frombuffer(arguments: tuple[Any, ...] | None, reader: Reader) -> Array | None:
    """``_frombuffer(bytes, dtype, shape, order)``, of protocol 5; never of objects."""
    if arguments is None or len(arguments) not in (4, 5) or arguments[0] not in (values.BYTES, values.BYTEARRAY):
        return None
    if not isinstance(arguments[1], Dtype) or arguments[1].used()[1]:
        return None
    shape_of(arguments[2])
    if len(arguments) == 5 and arguments[4] is not None:
        shape_of(arguments[4])
    made = Array()
    made.filled = True
    return made if arguments[3] in ("C", "F", "A", "K") else None


def _scalar(arguments: tuple[Any, ...] | None, reader: Reader) -> values.Atom | None:
    """``scalar(dtype, bytes)``; of a dtype with objects it would return whatever it is given."""
    if arguments is None or len(arguments) != 2 or not isinstance(arguments[0], Dtype):
        return None
    content = arguments[1] is values.BYTES or isinstance(arguments[1], str) or arguments[1] is values.TEXT
    return values.NUMBER if content and not arguments[0].used()[1] else None


def _encode(arguments: tuple[Any, ...] | None, reader: Reader) -> values.Atom | None:
    """``_codecs.encode(text, "latin1")``: bytes, as protocols 0 to 2 write them; other codecs may be anybody's."""
    good = arguments is not None and len(arguments) == 2 and _is_text(arguments[0]) and arguments[1] == "latin1"
    return values.BYTES if good else None


def _bytes(arguments: tuple[Any, ...] | None, reader: Reader) -> values.Atom | None:
    return values.BYTES if arguments == () else None


def _bytearray(arguments: tuple[Any, ...] | None, reader: Reader) -> values.Atom | None:
    if arguments is None:
        return None
    latin = len(arguments) == 2 and _is_text(arguments[0]) and arguments[1] in ("latin-1", "latin1")
    return values.BYTEARRAY if arguments in ((), (values.BYTES,)) or latin else None


def _collection(kind: values.Atom) -> Rule:
    """A set or a frozenset of a list, as protocols 0 to 3 write them."""

    def rule(arguments: tuple[Any, ...] | None, reader: Reader) -> values.Atom | None:
        return kind if arguments in ((), (values.LIST,)) else None

    return rule


def _number(arguments: tuple[Any, ...] | None, reader: Reader) -> values.Atom | None:
    """A complex number, a slice or a range: of numbers and None."""
    if arguments is None or not all(
        item is None or item is values.NUMBER or isinstance(item, int | float) for item in arguments
    ):
        return None
    return values.NUMBER


def _reconstructor(arguments: tuple[Any, ...] | None, reader: Reader) -> Any:
    """``copyreg._reconstructor(cls, object, None)``, as protocols 0 and 1 make instances."""
    if arguments is None or len(arguments) != 3:
        return None
    made, base, state = arguments
    if not (isinstance(made, Global) and isinstance(base, Global) and made.may.new):
        return None
    plain = base.name == "builtins:object" and state is None
    module, _, name = base.name.partition(":")
    if not plain and not (module == "builtins" and name in _RECONSTRUCTOR_BASES and made.may.items):
        return None
    settle(made, reader)
    rule = RULES.get(made.name)
    return made.made if rule is None else rule((), reader)


def _bit_generator(arguments: tuple[Any, ...] | None, reader: Reader) -> Any:
    """``__bit_generator_ctor``: the name of a generator or its class, which it calls."""
    if arguments is None or len(arguments) > 1:
        return None
    return PLAIN if not arguments or _names_bit_generator(arguments[0]) else None


def _random_state(arguments: tuple[Any, ...] | None, reader: Reader) -> Any:
    """``__randomstate_ctor`` and ``__generator_ctor``: a generator; or its name, and the function that makes it."""
    if arguments is None or len(arguments) > 2:
        return None
    if len(arguments) == 2:
        if not (isinstance(arguments[1], Global) and arguments[1].name == BIT_GENERATOR):
            return None
        settle(arguments[1], reader)
    first = arguments[0] if arguments else "MT19937"
    made = isinstance(first, Made) and first.of.name == BIT_GENERATOR
    return PLAIN if made or _names_bit_generator(first) else None


def _index(arguments: tuple[Any, ...] | None, reader: Reader) -> Any:
    """``_new_Index(cls, keywords)`` and its like, which call the class."""
    if arguments is None or len(arguments) != 2 or not isinstance(arguments[0], Global):
        return None
    return PLAIN if arguments[0].name.startswith(("pandas:", "pandas.core.indexes.")) else None


def _arrow_type(arguments: tuple[Any, ...] | None, reader: Reader) -> Any:
    return PLAIN if arguments in (("string",), ("large_string",)) else None


def _arrow_buffer(arguments: tuple[Any, ...] | None, reader: Reader) -> Any:
    return PLAIN if arguments in ((values.BYTES,), (values.BYTEARRAY,)) else None


def _arrow_array(arguments: tuple[Any, ...] | None, reader: Reader) -> Any:
    """``_restore_array((type, length, nulls, offset, buffers, children, None))``, of texts only."""
    if arguments is None or len(arguments) != 1 or not isinstance(arguments[0], tuple) or len(arguments[0]) != 7:
        return None
    kind, *numbers, buffers, children, dictionary = arguments[0]
    texts = isinstance(kind, Made) and kind.of.name == ARROW_TYPE
    plain = all(type(number) is int for number in numbers) and buffers is values.LIST and children is values.LIST
    return PLAIN if texts and plain and dictionary is None else None


def _named(*prefixes: str) -> Rule:
    """Return the rule of a function that makes an instance of the one class that it is given."""

    def rule(arguments: tuple[Any, ...] | None, reader: Reader) -> Any:
        if arguments is None or not arguments or not isinstance(arguments[0], Global):
            return None
        return PLAIN if arguments[0].name.startswith(prefixes) else None

    return rule


def _names_bit_generator(value: Any) -> bool:
    return value in BIT_GENERATORS if isinstance(value, str) else _is_bit_generator_class(value)


def _is_bit_generator_class(value: Any) -> bool:
    module, _, name = value.name.partition(":") if isinstance(value, Global) else ("", "", "")
    return name in BIT_GENERATORS and module.startswith("numpy.random.")


def _is_array_class(value: Any) -> bool:
    return isinstance(value, Global) and value.name in _ARRAY_CLASSES


def _is_letter(value: Any) -> bool:
    return value is values.BYTES or value == "b"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or value is values.TEXT


_ARRAY_CLASSES: Final = frozenset(("numpy:ndarray", "numpy:matrix", "numpy:memmap", "numpy.rec:recarray"))
_MASKED: Final = frozenset(("numpy.ma:MaskedArray", "numpy.ma.core:MaskedArray"))

_BY_NAME: Final[dict[str, Rule]] = {
    WRAPPER: _wrapper,
    "numpy:dtype": _dtype,
    "_codecs:encode": _encode,
    "builtins:bytes": _bytes,
    "builtins:bytearray": _bytearray,
    "builtins:set": _collection(values.SET),
    "builtins:frozenset": _collection(values.FROZENSET),
    "builtins:complex": _number,
    "builtins:slice": _number,
    "builtins:range": _number,
    "copyreg:_reconstructor": _reconstructor,
    "numpy.ma.core:_mareconstruct": _masked,
    BIT_GENERATOR: _bit_generator,
    "numpy.random._pickle:__randomstate_ctor": _random_state,
    "numpy.random._pickle:__generator_ctor": _random_state,
    "numpy.random.bit_generator:__pyx_unpickle_SeedSequence": _named("numpy.random.bit_generator:SeedSequence"),
    "pandas._libs.arrays:__pyx_unpickle_NDArrayBacked": _named("pandas.arrays:", "pandas:", "pandas.core.arrays."),
    "pandas.core.indexes.base:_new_Index": _index,
    "pandas.core.indexes.datetimes:_new_DatetimeIndex": _index,
    "pandas.core.indexes.interval:_new_IntervalIndex": _index,
    "pandas.core.indexes.timedeltas:_new_TimedeltaIndex": _index,
    ARROW_TYPE: _arrow_type,
    "pyarrow.lib:py_buffer": _arrow_buffer,
    "pyarrow.lib:_restore_array": _arrow_array,
    "sklearn.metrics._dist_metrics:newObj": _named("sklearn.metrics._dist_metrics:"),
    "sklearn.neighbors._ball_tree:newObj": _named("sklearn.neighbors._ball_tree:BallTree"),
    "sklearn.neighbors._kd_tree:newObj": _named("sklearn.neighbors._kd_tree:KDTree"),
}

# Before numpy 2 its inner package was called `core`.
_OF_NUMPY: Final[dict[str, Rule]] = {
    "multiarray:_reconstruct": _reconstruct,
    "multiarray:scalar": _scalar,
    "numeric:_frombuffer": _frombuffer,
}

RULES: Final[dict[str, Rule]] = {
    **_BY_NAME,
    **{f"numpy.{core}.{name}": rule for core in ("core", "_core") for name, rule in _OF_NUMPY.items()},
}
