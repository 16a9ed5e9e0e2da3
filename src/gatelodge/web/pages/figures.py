"""Numbers, dates and spans of time as people of one language read them."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from babel.dates import format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_decimal
from babel.units import format_unit
from markupsafe import Markup

from gatelodge.web.pages.languages import Language

Moment = datetime | int
"""A point in time, or its seconds since 1970, as rows have them."""

_STILL_NEAR = timedelta(hours=2)
"""So long a time is told as "6 minutes ago"; after that, the date says more."""


class Figures:
    """``now`` is asked for once per page, by whoever draws it."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._digits = str.maketrans("0123456789", language.digits)
        # Babel reads its tables anew for each number, and a list shows hundreds of small ones.
        self.number = lru_cache(maxsize=2048)(self._number)
        self._whole = lru_cache(maxsize=4096)(self._whole_minute)
        self._minute = lru_cache(maxsize=4096)(self._minute_of)
        self._date = lru_cache(maxsize=1024)(self._date_by)

    def _number(self, number: float) -> str:
        language = self._language
        return self._own(
            format_decimal(number, locale=language.locale, numbering_system=language.numbering)
        )

    def span(self, count: float, unit: str) -> str:
        """So many seconds, milliseconds ..., with the unit as it is written in the language."""
        language = self._language
        return self._own(
            format_unit(
                count,
                unit,
                length="short",
                locale=language.locale,
                numbering_system=language.numbering,
            )
        )

    def milliseconds(self, count: float) -> str:
        return self.span(round(count, 1), "millisecond")

    def moment(self, when: Moment) -> Markup:
        """A point in time. The reader's time zone isn't known, so ours is named."""
        when = _in_utc(when)
        return Markup('<time datetime="{}">{} UTC</time>').format(_exact(when), self._short(when))

    def date_of(self, when: Moment) -> str:
        return self._own(self._date(_in_utc(when).date(), "yMMMd"))

    def day(self, when: Moment) -> Markup:
        """A date, with its time in the title."""
        return self._time(_in_utc(when), self.date_of(when))

    def clock(self, when: Moment) -> Markup:
        """The time of a day that is named beside it."""
        when = _in_utc(when)
        return self._time(when, self._own(f"{when:%H:%M:%S}"))

    def ago(self, when: Moment, now: datetime) -> Markup:
        """How long ago, as long as that is near; then the date."""
        when, now = _in_utc(when), _in_utc(now)
        gone = now - when
        if timedelta(0) <= gone < timedelta(minutes=1):
            short = self._language.translations.gettext("Just now")
        elif timedelta(0) <= gone < _STILL_NEAR:
            locale = self._language.locale
            short = format_timedelta(-gone, locale=locale, add_direction=True, format="short")
        elif when.date() == now.date():
            short = self._minute(when.replace(second=0, microsecond=0))
        else:
            parts = "MMMd" if when.year == now.year else "yMMMd"
            short = self._date(when.date(), parts)
        return self._time(when, self._own(short))

    def _time(self, when: datetime, short: str) -> Markup:
        whole = self._whole(when.replace(second=0, microsecond=0))
        # Nothing of this is anybody's but ours and Babel's.
        return Markup(f'<time datetime="{_exact(when)}" title="{whole} UTC">{short}</time>')  # noqa: S704

    def _whole_minute(self, when: datetime) -> str:
        pattern = f"EEEE, {self._language.date_and_time}"
        return self._own(format_datetime(when, pattern, locale=self._language.locale))

    def _minute_of(self, when: datetime) -> str:
        return format_datetime(when, self._language.date_and_time, locale=self._language.locale)

    def _date_by(self, when: date, parts: str) -> str:
        """``parts`` are what is told of it; the language has its own order and signs for them."""
        return format_skeleton(parts, when, locale=self._language.locale)

    def _short(self, when: datetime) -> str:
        pattern = self._language.date_and_time
        return self._own(format_datetime(when, pattern, locale=self._language.locale))

    def _own(self, text: str) -> str:
        return text.translate(self._digits)


def _in_utc(when: Moment) -> datetime:
    return datetime.fromtimestamp(when, UTC) if isinstance(when, int) else when.astimezone(UTC)


def _exact(when: datetime) -> str:
    """In UTC."""
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"
