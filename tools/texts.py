"""Takes every text out of the sources, and brings the catalogues of translators up to date.

    make texts

A text that is gone leaves its catalogue; a new one stands there without a translation. How many
are left to translate is printed.
"""

import tomllib
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
CATALOGUES = ROOT / "src" / "gatelodge" / "web" / "pages" / "catalogues"

_HEADER = """\
{comment}
msgid ""
msgstr ""
"Project-Id-Version: Gatelodge\\n"
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"
"""


def texts() -> Catalog:
    """Every text of the sources, with the files in which it stands."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    mappings = settings["tool"]["babel"]["mappings"]
    found = Catalog()
    for file, _, text, _, _ in extract_from_dir(
        ROOT / "src",
        method_map=[(each["pattern"].removeprefix("src/"), each["method"]) for each in mappings],
        options_map={each["pattern"].removeprefix("src/"): each for each in mappings},
    ):
        found.add(text, locations=[(f"src/{file}", 0)])
    return found


def untranslated(catalogue: Catalog) -> list[Message]:
    return [each for each in catalogue if each.id and not _is_whole(each)]


def updated(old: Catalog, found: Catalog) -> Catalog:
    # What translators wrote at the top stays: how to translate, and which word stands for which.
    made = Catalog(locale=old.locale, header_comment=old.header_comment)
    # Babel's own formula for Arabic isn't CLDR's; the catalogue's is.
    made.mime_headers = [("Plural-Forms", old.plural_forms)]
    for each in found:
        if each.id:
            known = old.get(each.id)
            if known and isinstance(known.id, str) is not isinstance(each.id, str):
                known = None  # it has become a plural, or ceased to be one
            files = sorted({(name, 0) for name, _ in each.locations})
            made.add(each.id, known.string if known else None, locations=files)
    return made


def written(catalogue: Catalog) -> bytes:
    body = BytesIO()
    write_po(body, catalogue, width=0, sort_output=True, omit_header=True, include_lineno=False)
    header = _HEADER.format(
        comment=catalogue.header_comment.strip(),
        code=catalogue.locale_identifier,
        plurals=catalogue.plural_forms,
    )
    return header.encode() + b"\n" + body.getvalue()


def _is_whole(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(strings)


def main() -> None:
    found = texts()
    for path in sorted(CATALOGUES.glob("*.po")):
        old = read_po(BytesIO(path.read_bytes()), locale=path.stem)
        new = updated(old, found)
        path.write_bytes(written(new))
        left = untranslated(new)
        print(f"{path.relative_to(ROOT)}: {len(new)} texts, {len(left)} left to translate")
        for each in left:
            print(f"  {each.id}")


if __name__ == "__main__":
    main()
