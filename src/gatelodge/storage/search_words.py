"""What names are found and sorted by: without capitals and accents, and numbers by their size.

Values only: `registration_index` keeps them beside what they are made of.
"""

import re
import unicodedata

LONGEST_KEY = 250
"""Characters; of four bytes at most each, as many as an index takes."""

LONGEST_WORD = 40
MOST_WORDS = 60

_BLANKS = re.compile(r"\s+")
_DIGITS = re.compile(r"[0-9]+")
# Chinese and Japanese are written without spaces: there each character is a word.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
# Letters that Unicode doesn't take apart, where most people look for them.
_BESIDE = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "\u0131": "i", "æ": "ae", "œ": "oe"})


def sort_key(name: str) -> str:
    """In the order of these, names stand as people expect: Éclair, école, Week 2, Week 10."""
    key = _BLANKS.sub(" ", folded(name[:LONGEST_KEY])).strip()
    return _DIGITS.sub(lambda found: found[0].zfill(6), key)[:LONGEST_KEY]


def words_of(*texts: str) -> list[str]:
    """The words of texts, each once, in their order."""
    found = (each[:LONGEST_WORD] for text in texts for each in _WORD.findall(folded(text)))
    return list(dict.fromkeys(found))[:MOST_WORDS]


def has_words(asked: str, *texts: str) -> bool:
    """Whether each word that is asked for begins a word of the texts."""
    there = words_of(*texts)
    return all(any(word.startswith(each) for word in there) for each in words_of(asked))


def folded(text: str) -> str:
    taken_apart = unicodedata.normalize("NFKD", text).casefold().translate(_BESIDE)
    return "".join(each for each in taken_apart if not unicodedata.combining(each))
