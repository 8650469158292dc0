"""A pickle reader that can only build data.

Pickles are programs. This machine runs the few instructions that write down numbers, strings, containers,
tensors and the published `utils.HParams`; anything else is refused before it could run. It imports nothing,
calls nothing that the file names, and its time and memory are bounded whatever the file says.
"""

import pickletools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from yinse.contracts.errors import InvalidInput

LARGEST_PROGRAM = 4 << 20
"""Bytes of instructions; a real file has some hundred thousand."""
MOST_INSTRUCTIONS = 1 << 19
"""A real file has some ten thousand. One byte may make a container of two hundred, so the bytes alone are no bound."""


class HyperParameters(dict[str, object]):
    """The published `utils.HParams`: attributes, nested."""


@dataclass(frozen=True, slots=True)
class StorageRef:
    """Numbers of one type, kept in another entry of the archive."""

    type_name: str
    key: str
    count: int


@dataclass(frozen=True, slots=True)
class TensorRef:
    """A view into a storage, in elements."""

    storage: StorageRef
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    """A global that the file mentions; nothing is imported."""

    path: str


_MARK: Final = object()
_DICT: Final = _Name("collections.OrderedDict")
_PARAMETERS: Final = _Name("utils.HParams")
_TENSOR: Final = _Name("torch._utils._rebuild_tensor_v2")
_PARAMETER: Final = _Name("torch._utils._rebuild_parameter")
_SIZE: Final = _Name("torch.Size")
_KNOWN: Final = {name.path: name for name in (_DICT, _PARAMETERS, _TENSOR, _PARAMETER, _SIZE)}


def load(program: bytes) -> object:
    """The value a pickle writes down.

    Raises `InvalidInput` (`unsafe_pickle`, `bad_pickle`) for all but data.
    """
    if len(program) > LARGEST_PROGRAM:
        _refuse("is implausibly large", code="bad_pickle")
    try:
        return _Machine().run(program)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidInput(f"The file's contents are malformed: {error}.", code="bad_pickle") from error


def _refuse(what: str, *, code: str = "unsafe_pickle") -> NoReturn:
    raise InvalidInput(f"The file was not opened: it {what}.", code=code)


class _Machine:
    """A stack, a memo, and one method for each instruction that only makes data."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, program: bytes) -> object:
        for count, (opcode, argument, _) in enumerate(_instructions(program)):
            if count == MOST_INSTRUCTIONS:
                _refuse("has implausibly many instructions", code="bad_pickle")
            if opcode == "STOP":
                (value,) = self.pop(1)
                return value
            action = _ACTIONS.get(opcode)
            if action is None:
                _refuse(f"holds instructions that are not data ({opcode})")
            action(self, argument)
        raise ValueError("it ends too early")

    def push(self, value: object) -> None:
        self.stack.append(value)

    def pop_marked(self) -> list[Any]:
        items: list[Any] = []
        while (item := self.stack.pop()) is not _MARK:
            items.append(item)
        return items[::-1]

    def pop(self, count: int) -> list[Any]:
        if count > len(self.stack):
            raise ValueError("the stack is empty")
        items = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        if any(item is _MARK for item in items):
            raise ValueError("a group is not closed")
        return items

    def name(self, path: str) -> None:
        known = _KNOWN.get(path)
        if known is None and not _is_storage(path):
            _refuse(f"asks for '{path}', which is not data")
        self.push(known or _Name(path))

    def stack_name(self) -> None:
        module, name = self.pop(2)
        if not isinstance(module, str) or not isinstance(name, str):
            raise ValueError("a name that is no text")
        self.name(f"{module}.{name}")

    def reduce(self) -> None:
        function, arguments = self.pop(2)
        if function is _DICT:
            self.push(_dictionary(*arguments))
        elif function is _TENSOR:
            self.push(_tensor(*arguments))
        elif function is _PARAMETER:
            self.push(arguments[0])
        elif function is _SIZE:
            self.push(tuple(arguments[0]))
        else:
            _refuse("calls something that is not data")

    def new_object(self) -> None:
        kind, arguments = self.pop(2)
        if kind is not _PARAMETERS or arguments != ():
            _refuse("makes an object that is not data")
        self.push(HyperParameters())

    def build(self) -> None:
        """Fill `HParams`; the attributes that torch hangs on a state dictionary mean nothing here."""
        (state,) = self.pop(1)
        target = self.stack[-1]
        if type(target) not in (HyperParameters, dict) or not isinstance(state, dict):
            _refuse("changes an object that is not data")
        if isinstance(target, HyperParameters):
            target.update(state)

    def set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, dict) or len(items) % 2:
            raise ValueError("items without a dictionary")
        target.update(_dictionary(zip(items[::2], items[1::2], strict=True)))

    def append(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, list):
            raise ValueError("items without a list")
        target.extend(items)

    def text(self, value: str) -> None:
        value.encode()  # half a character is no text: it could not be written down again
        self.push(value)

    def storage(self) -> None:
        (reference,) = self.pop(1)
        kind, type_name, key, _, count = reference
        if kind != "storage" or not isinstance(type_name, _Name):
            _refuse("refers to something that is not data")
        if not isinstance(key, str) or type(count) is not int:
            raise ValueError("a storage without a name or a size")
        self.push(StorageRef(type_name.path.removeprefix("torch."), key, count))


def _dictionary(pairs: Iterable[tuple[Any, Any]] = ()) -> dict[Any, Any]:
    """A dictionary whose keys are texts or numbers, as in every real file.

    A tuple that holds another twice, forty deep, is a few hundred bytes that take hours to hash; one that is nested a
    million times ends the process. So neither becomes a key.
    """
    made = {}
    for key, value in pairs:
        if type(key) not in (str, int):
            raise ValueError("a key that is neither text nor number")
        made[key] = value
    return made


def _tensor(
    storage: StorageRef, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: Any
) -> TensorRef:
    if not isinstance(storage, StorageRef):
        raise ValueError("a tensor without a storage")
    sizes = [offset, *shape, *stride]
    if len(shape) != len(stride) or not all(type(size) is int and size >= 0 for size in sizes):
        raise ValueError("a tensor of impossible shape")
    return TensorRef(storage, offset, tuple(shape), tuple(stride))


def _is_storage(path: str) -> bool:
    return path.startswith("torch.") and path.endswith("Storage") and path.count(".") == 1


def _instructions(program: bytes) -> Iterator[tuple[str, Any, int | None]]:
    for opcode, argument, position in pickletools.genops(program):
        yield opcode.name, argument, position


_Action = Callable[[_Machine, Any], None]

_ACTIONS: Final[dict[str, _Action]] = {
    "PROTO": lambda machine, argument: None,
    "FRAME": lambda machine, argument: None,
    "MARK": lambda machine, argument: machine.push(_MARK),
    "NONE": lambda machine, argument: machine.push(None),
    "NEWTRUE": lambda machine, argument: machine.push(True),
    "NEWFALSE": lambda machine, argument: machine.push(False),
    "EMPTY_DICT": lambda machine, argument: machine.push({}),
    "EMPTY_LIST": lambda machine, argument: machine.push([]),
    "EMPTY_TUPLE": lambda machine, argument: machine.push(()),
    "TUPLE": lambda machine, argument: machine.push(tuple(machine.pop_marked())),
    "TUPLE1": lambda machine, argument: machine.push(tuple(machine.pop(1))),
    "TUPLE2": lambda machine, argument: machine.push(tuple(machine.pop(2))),
    "TUPLE3": lambda machine, argument: machine.push(tuple(machine.pop(3))),
    "SETITEM": lambda machine, argument: machine.set_items(machine.pop(2)),
    "SETITEMS": lambda machine, argument: machine.set_items(machine.pop_marked()),
    "APPEND": lambda machine, argument: machine.append(machine.pop(1)),
    "APPENDS": lambda machine, argument: machine.append(machine.pop_marked()),
    "BINPUT": lambda machine, argument: machine.memo.__setitem__(argument, machine.stack[-1]),
    "LONG_BINPUT": lambda machine, argument: machine.memo.__setitem__(argument, machine.stack[-1]),
    "MEMOIZE": lambda machine, argument: machine.memo.__setitem__(len(machine.memo), machine.stack[-1]),
    "BINGET": lambda machine, argument: machine.push(machine.memo[argument]),
    "LONG_BINGET": lambda machine, argument: machine.push(machine.memo[argument]),
    "GLOBAL": lambda machine, argument: machine.name(argument.replace(" ", ".")),
    "STACK_GLOBAL": lambda machine, argument: machine.stack_name(),
    "REDUCE": lambda machine, argument: machine.reduce(),
    "NEWOBJ": lambda machine, argument: machine.new_object(),
    "BUILD": lambda machine, argument: machine.build(),
    "BINPERSID": lambda machine, argument: machine.storage(),
    "BINUNICODE": lambda machine, argument: machine.text(argument),
    "SHORT_BINUNICODE": lambda machine, argument: machine.text(argument),
    "BINUNICODE8": lambda machine, argument: machine.text(argument),
} | {
    literal: lambda machine, argument: machine.push(argument)
    for literal in (
        "BININT",
        "BININT1",
        "BININT2",
        "LONG1",
        "LONG4",
        "BINFLOAT",
        "BINSTRING",
        "SHORT_BINSTRING",
        "BINBYTES",
        "SHORT_BINBYTES",
    )
}
