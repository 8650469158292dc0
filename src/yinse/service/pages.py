"""The few pages for people that the service writes itself: where there is no studio, and where a link leads nowhere."""

from html import escape
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
"""These pages hold nothing but words."""
_STYLE: Final = """
body{font:16px/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem;color:#1d2320;background:#f6f4ee}
a{color:inherit}code{background:#e8e4d8;padding:.1em .4em;border-radius:.3em}h1{font-weight:600}
@media(prefers-color-scheme:dark){body{color:#e6e6df;background:#141816}code{background:#26302b}}"""
_IN_CHINESE: Final = {
    HTTPStatus.NOT_FOUND: "这里什么也没有：地址有误、链接已过期，或它指向的内容已被删除。",
    HTTPStatus.GONE: "这里的内容已被删除，无法再打开。",
    HTTPStatus.FORBIDDEN: "你不能打开这个页面：声音的主人没有同意，或已撤回同意。",
    HTTPStatus.TOO_MANY_REQUESTS: "请求太频繁了，请稍后再试。",
}


def page(title: str, content: str, status: int = 200) -> HTMLResponse:
    """A page of a title (text) and some content (HTML)."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><meta name="viewport" content="width=device-width">'
    body = f'<!doctype html><html lang="en">{head}<style>{_STYLE}</style><h1>{escape(title)}</h1>{content}</html>\n'
    return HTMLResponse(body, status, {"Content-Security-Policy": POLICY})


def wants_page(request: Request) -> bool:
    """Whether a person opened this address in a browser; programs and players ask for anything, or for JSON."""
    accepted = request.headers.get("accept", "")
    return request.method in ("GET", "HEAD") and "text/html" in accepted and "json" not in accepted


def refusal(status: int, title: str, detail: str, request_id: str | None) -> HTMLResponse:
    """A problem in words, the number to ask about it, and the way back."""
    told = f"<p>{escape(detail)}</p>"
    if chinese := _IN_CHINESE.get(HTTPStatus(status)):
        told += f'<p lang="zh">{chinese}</p>'
    number = f" <code>{escape(request_id)}</code>" if request_id else ""
    return page(title, f'{told}<p><a href="/">Yinse</a>{number}</p>', status)
