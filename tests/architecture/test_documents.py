"""The reference is complete: what can be set, typed, fetched or refused is in docs/reference/, or the build fails."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
from pydantic_settings import BaseSettings

import gatelodge
from tests.architecture.source import PACKAGE, ROOT, modules_of, tree_of

REFERENCE = ROOT / "docs" / "reference"


def test_every_setting_is_in_the_reference() -> None:
    missing = not_in("settings.md", settings())

    assert not missing, complaint("settings.md", missing)


def test_every_error_code_is_in_the_reference() -> None:
    missing = not_in("errors.md", error_codes())

    assert not missing, complaint("errors.md", missing)


def test_the_error_reference_is_as_it_would_be_written_now() -> None:
    script = runpy.run_path(str(ROOT / "tools" / "error_reference.py"))

    assert text_of("errors.md") == script["reference"](), (
        "run: python tools/error_reference.py > docs/reference/errors.md"
    )


def test_every_command_is_in_the_reference() -> None:
    missing = not_in("commands.md", commands())

    assert not missing, complaint("commands.md", missing)


def test_every_address_is_in_the_reference() -> None:
    missing = not_in("addresses.md", addresses())

    assert addresses(), "no route was found in web/"
    assert not missing, complaint("addresses.md", missing)


@pytest.mark.parametrize("page", ["settings.md", "errors.md"])
def test_the_reference_names_nothing_that_is_gone(page: str) -> None:
    """What stands as code in the first column of a table must still exist."""
    exists = {"settings.md": settings, "errors.md": error_codes}[page]()
    named = set(re.findall(r"^\| *`([^`]+)`", text_of(page), flags=re.MULTILINE))

    assert sorted(named - exists) == []


def settings() -> set[str]:
    """The names that the settings class reads, and every other name of ours that the source spells out."""
    classes = [
        each
        for each in vars(importlib.import_module("gatelodge.settings")).values()
        if inspect.isclass(each) and issubclass(each, BaseSettings) and each is not BaseSettings
    ]
    read = {name for each in classes for name in environment_names(each)}
    spelled = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r"\bGATELODGE_[A-Z][A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8"))
    }
    return read | spelled


def environment_names(settings_class: type[BaseSettings]) -> Iterator[str]:
    prefix = settings_class.model_config.get("env_prefix", "")
    for name, field in settings_class.model_fields.items():
        alias = field.validation_alias
        yield alias if isinstance(alias, str) else f"{prefix}{name}".upper()


def error_codes() -> set[str]:
    return {
        code
        for module in every_module()
        for each in vars(module).values()
        if inspect.isclass(each)
        and issubclass(each, Exception)
        and isinstance(code := vars(each).get("code"), str)
    }


def every_module() -> Iterator[ModuleType]:
    """All modules but programs and migrations, which do something when they are imported."""
    for found in pkgutil.walk_packages(gatelodge.__path__, prefix="gatelodge."):
        if not found.name.endswith("__main__") and ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def commands() -> set[str]:
    [app] = {
        id(each): each
        for each in vars(importlib.import_module("gatelodge.cli")).values()
        if isinstance(each, typer.Typer)
    }.values()
    return set(spelled_out("gatelodge", typer.main.get_command(app)))


def spelled_out(words: str, command: Any) -> Iterator[str]:
    below = getattr(command, "commands", None)
    if below is None:
        yield words
        return
    for name, each in below.items():
        if not each.hidden:
            yield from spelled_out(f"{words} {name}", each)


# Calls of Starlette and FastAPI whose first argument is an address.
ROUTING = {"Route", "Mount", "WebSocketRoute", "add_route", "add_api_route", "mount"}
ROUTING |= {"get", "post", "put", "patch", "delete", "head", "api_route", "route"}


def addresses() -> set[str]:
    """Addresses that the routes of web/ answer, as in `/lti/{tool}/login`."""
    return {
        re.sub(r":\w+}", "}", address)
        for path in modules_of("web")
        for node in ast.walk(tree_of(path))
        for address in routed(node)
    }


def routed(node: ast.AST) -> list[str]:
    match node:
        case ast.Call(
            func=ast.Name(id=name) | ast.Attribute(attr=name),
            args=[ast.Constant(value=str(path)), *_],
        ) if name in ROUTING and path.startswith("/"):
            return [path]
        case _:
            return []


def text_of(page: str) -> str:
    path = REFERENCE / page
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def not_in(page: str, names: set[str]) -> list[str]:
    """Names that the page does not have, each as a whole word."""
    text = text_of(page)
    return sorted(
        name
        for name in names
        if not re.search(rf"(?<![\w./}}-]){re.escape(name)}(?![\w/-]|\.\w)", text)
    )


def complaint(page: str, missing: list[str]) -> str:
    place = (REFERENCE / page).relative_to(Path(ROOT))
    return f"{place} does not name:\n" + "\n".join(f"  {each}" for each in missing)
