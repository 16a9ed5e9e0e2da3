from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from gatelodge.services.attachments import (
    LARGEST_FILE,
    LONGEST_NAME,
    File,
    fit_file_name,
    read_attachments,
)
from gatelodge.services.errors import Invalid
from tests.support.pictures import png


def a_zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("zeros", bytes(10_000_000))
    return packed.getvalue()


GOOD = {
    "shot.png": (png(), "image/png"),
    "SHOT.JPG": (b"\xff\xd8\xff\xe0 and so on", "image/jpeg"),
    "shot.webp": (b"RIFF\x01\x02\x03\x04WEBPVP8 ", "image/webp"),
    "shot.gif": (b"GIF89a\x01\x00", "image/gif"),
    "page.pdf": (b"%PDF-1.7\n\x00", "application/pdf"),
    "what.txt": ("ä: 1\r\n".encode(), "text/plain"),
    "server.log": (b"\x1b[31mred\x1b[0m\n", "text/plain"),
    "marks.csv": (b"=cmd,1\n", "text/plain"),
    "browser.har": (b'{"log": {}}', "text/plain"),
    "data.json": (b"[" * 100_000, "text/plain"),
}

BAD = {
    "a picture that is none": File("shot.png", b"<script>alert(1)</script>"),
    "a text that is a picture": File("notes.txt", png()),
    "markup": File("page.html", b"<script>alert(1)</script>"),
    "a drawing with script": File("shot.svg", b"<svg onload='alert(1)'/>"),
    "a zip": File("logs.zip", a_zip()),
    "a zip that calls itself text": File("logs.txt", a_zip()),
    "a gzip that calls itself a log": File("x.log", gzip.compress(bytes(10_000_000))),
    "a program": File("x.txt", b"MZ\x90\x00\x03"),
    "a program that calls itself a picture": File("x.png", b"MZ\x90\x00\x03"),
    "nothing": File("x.txt", b""),
    "no ending": File("notes", b"text"),
    "too large": File("x.txt", b"x" * (LARGEST_FILE + 1)),
}


@pytest.mark.parametrize("name", GOOD)
def test_files_of_the_listed_kinds_are_taken_as_they_are(name: str) -> None:
    content, content_type = GOOD[name]

    assert read_attachments([File(name, content)]) == [(name, content_type, content)]


@pytest.mark.parametrize("what", BAD)
def test_what_a_file_holds_decides_and_not_its_name(what: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_attachments([BAD[what]])

    assert refused.value.field == "files"


def test_three_files_are_taken_and_no_more() -> None:
    file = File("x.txt", b"x")

    assert len(read_attachments([file] * 3)) == 3
    with pytest.raises(Invalid):
        read_attachments([file] * 4)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("shot.png", "shot.png"),
        ("C:\\fakepath\\shot.png", "shot.png"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ('a"\r\nSet-Cookie: x.txt', "aSet-Cookie x.txt"),
        ("\u202egnp.txt", "gnp.txt"),
        (".txt", "file.txt"),
        ("", "file"),
        ("Schön — 図.pdf", "Schön — 図.pdf"),
    ],
)
def test_names_lead_nowhere_and_break_no_line(given: str, kept: str) -> None:
    assert fit_file_name(given) == kept


def test_a_long_name_keeps_its_ending() -> None:
    fitting = fit_file_name("x" * 500 + ".png")

    assert len(fitting) <= LONGEST_NAME
    assert fitting.endswith(".png")
