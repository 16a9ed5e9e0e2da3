"""The headers that go with each page: who may keep it, frame it, and what it may load.

No page has inline style or script, so none has to be allowed.
"""

from urllib.parse import quote, urlsplit

from gatelodge.web.pages.assets import Asset

Headers = tuple[tuple[str, str], ...]

_HTML = ("Content-Type", "text/html; charset=utf-8")
_NO_SNIFFING = ("X-Content-Type-Options", "nosniff")
_NOT_KEPT = ("Cache-Control", "no-store")
_NO_REFERRER = ("Referrer-Policy", "no-referrer")

_A_YEAR = 365 * 24 * 60 * 60


def refusal_headers() -> Headers:
    """Of a refused launch, and of a bare status such as 404.

    The policy names no ``frame-ancestors``, so everybody may frame the page, and must be able to:
    it is shown where the tool would have been. Often the LMS isn't known by then. When it is, the
    host in the address bar may be another than the issuer's (vanity hosts, several hosts for one
    issuer), the LMS may itself be framed, and apps show courses under schemes of their own, which
    not even ``*`` covers. Framing gains nobody anything: there is nothing to click on the page
    but links to the public landing page and to the form that reports it, and nothing secret to read.
    """
    return (_HTML, _NOT_KEPT, _NO_SNIFFING, _NO_REFERRER, _policy(form_action="'none'"))


def launch_report_headers() -> Headers:
    """Of the form that reports a refused launch: shown where the refusal was, and so framed by all.

    Whoever is lured into sending it reports a page that the lurer got, under the lurer's token.
    """
    return (_HTML, _NOT_KEPT, _NO_SNIFFING, _NO_REFERRER, _policy(form_action="'self'"))


def download_headers(content_type: str, name: str) -> Headers:
    """Of a file that somebody attached: saved, and never shown, whatever it holds (RFC 6266)."""
    plain = "".join(each if each.isalnum() or each in " .-_()" else "_" for each in name)
    plain = plain.encode("ascii", "replace").decode().replace("?", "_")
    return (
        ("Content-Type", content_type),
        (
            "Content-Disposition",
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        ),
        _NO_SNIFFING,
        _NOT_KEPT,
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"),
    )


def landing_headers() -> Headers:
    return (
        _HTML,
        # Nothing personal is on it, but after an upgrade the version has to be right.
        ("Cache-Control", "no-cache"),
        ("Vary", "Accept-Language"),
        _NO_SNIFFING,
        _NO_REFERRER,
        _policy(form_action="'none'", frame_ancestors="'none'"),
    )


def icon_headers(content_type: str, etag: str) -> Headers:
    """Of what an operator uploaded: a picture of this type and nothing else, wherever it is shown."""
    return (
        ("Content-Type", content_type),
        _NO_SNIFFING,
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("Cache-Control", "public, max-age=300"),
        ("ETag", etag),
    )


def portal_headers(form_action: str = "'self'") -> Headers:
    """Of every page for people who sign in: never kept, never framed, and no script but ours."""
    return (
        _HTML,
        _NOT_KEPT,
        _NO_SNIFFING,
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"),
        _policy(
            form_action=form_action,
            frame_ancestors="'none'",
            script_src="'self'",
            connect_src="'self'",
        ),
    )


def hand_off_headers(action: str) -> Headers:
    """Of the form that takes a launch to the tool whose launch address is ``action``.

    `Referrer-Policy: no-referrer` would make the browser send `Origin: null`, and by the origin a
    tool sees that the form is ours. `strict-origin` sends just that, and never the address.

    Browsers hold a form's redirects to the policy, too, and the tool redirects the code out of its
    address, perhaps to another host of its own. So the policy names the scheme and not the host.
    """
    return (
        _HTML,
        _NOT_KEPT,
        _NO_SNIFFING,
        ("Referrer-Policy", "strict-origin"),
        _policy(form_action=f"{urlsplit(action).scheme}:", script_src="'self'"),
    )


def asset_headers(asset: Asset, path: str) -> Headers:
    """Of a file of ours that was asked for at ``path``."""
    is_current = asset.address.endswith(path.rpartition("/")[2])
    kept = f"public, max-age={_A_YEAR}, immutable" if is_current else "no-store"
    return (
        ("Content-Type", asset.media_type),
        ("Cache-Control", kept),
        ("Vary", "Accept-Encoding"),
        ("ETag", asset.etag),
        _NO_SNIFFING,
    )


def _policy(**more: str) -> tuple[str, str]:
    directives = {
        "default_src": "'none'",
        "style_src": "'self'",
        "img_src": "'self' data:",
        "base_uri": "'none'",
        **more,
    }
    written = (f"{name.replace('_', '-')} {value}" for name, value in directives.items())
    return ("Content-Security-Policy", "; ".join(written))
