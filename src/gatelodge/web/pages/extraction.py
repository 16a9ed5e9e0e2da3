"""Babel's extraction method for `gatelodge.lti.errors`, whose texts are message ids.

The rules of LTI know nothing of translations, so nothing in that module marks a text. What people
read of it is found by place: the values of ``Heading``, and what `_READ` names.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

_READ = ("person", "finding", "hint")

Message = tuple[int, str, str, list[str]]


def extract_refusals(
    source: IO[bytes],
    keywords: Any,  # noqa: ARG001 (Babel's signature)
    comment_tags: Collection[str],  # noqa: ARG001
    options: Mapping[str, Any],  # noqa: ARG001
) -> Iterator[Message]:
    for made in ast.walk(ast.parse(source.read())):
        if isinstance(made, ast.ClassDef):
            for line in made.body:
                if isinstance(line, ast.Assign) and _is_read_by_people(made, line):
                    yield line.lineno, "gettext", ast.literal_eval(line.value), []


def _is_read_by_people(made: ast.ClassDef, line: ast.Assign) -> bool:
    return made.name == "Heading" or ast.unparse(line.targets[0]) in _READ
