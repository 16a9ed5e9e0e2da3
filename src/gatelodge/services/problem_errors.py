"""Errors of reporting problems: what was not found, too much, too late, or in the way."""

from gatelodge.lti.errors import GatelodgeError
from gatelodge.services.errors import NotFound
from gatelodge.storage.errors import Conflict


class ReportNotFound(NotFound):
    code = "report.not_found"
    noun = "report"


class ReportPageDead(GatelodgeError):
    """The token of an error page is not ours, or is too old."""

    code = "report.page_dead"
    hint = "Open the link in your course again; its error page can be reported for an hour."

    def __init__(self) -> None:
        super().__init__("This error page can't be reported any more.")


class TooManyReports(GatelodgeError):
    code = "report.too_many"
    hint = "Those who look after it have many reports already. Wait an hour, then try again."

    def __init__(self) -> None:
        super().__init__("There were too many reports in a short time.")


class NoRoomForFiles(GatelodgeError):
    """All files of an institution's reports together have a bound."""

    code = "report.no_room_for_files"
    hint = "Send the report without files; those of old reports go with them."

    def __init__(self) -> None:
        super().__init__("There is no room for more files.")


class ReportChanged(Conflict):
    """Somebody else answered, or it was sent twice."""

    code = "report.changed_meanwhile"
    hint = "Look at the report as it is now, then answer again."

    def __init__(self) -> None:
        super().__init__("Somebody else has changed this report meanwhile.")
