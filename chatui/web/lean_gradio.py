"""Imports Gradio without what no page needs: a second sooner, and with 30 MB less in memory.

As each of its components is defined, Gradio parses its own source and writes a stub file for editors, which takes
nearly half of its import. And it imports pandas for data frames that nobody shows here.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from typing_extensions import override

_WRITES_STUBS, _STUB_WRITER = "gradio.component_meta", "create_or_modify_pyi"
_UNUSED = "pandas"


def import_lean(name: str) -> ModuleType:
    """Import a module that imports Gradio."""
    if _UNUSED not in sys.modules and (spec := find_spec(_UNUSED)) is not None:
        sys.modules[_UNUSED] = _Shell(spec)
    finder = _WithoutStubs()
    sys.meta_path.insert(0, finder)
    try:
        return import_module(name)
    finally:
        sys.meta_path.remove(finder)


class _Shell(ModuleType):
    """Stands for a package until something of it is asked for."""

    def __init__(self, spec: ModuleSpec) -> None:
        super().__init__(spec.name)
        self.__spec__ = spec
        self.__path__ = list(spec.submodule_search_locations or ())

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


class _WithoutStubs(MetaPathFinder):
    """Finds the one module that writes them."""

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _WRITES_STUBS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Silenced(spec.loader)
        return spec


class _Silenced(Loader):
    """Loads it, and has it write nothing."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    @override
    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    @override
    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        if _STUB_WRITER in vars(module):
            vars(module)[_STUB_WRITER] = _write_nothing


def _write_nothing(*_: object) -> None:
    pass
