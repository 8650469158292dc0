"""Serves the built studio: its files, and its one page for every address that is a page of it."""

from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from yinse.service.pages import page

POLICY = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self' ws: wss:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Nothing comes from or goes to another host. Waveforms style themselves inline."""

PAGES = frozenset({"", "sign-in", "record", "voices", "speak", "history", "privacy", "developer", "operator"})
"""First parts of the studio's addresses, as `studio/src/routes.tsx` has them."""

_FOREVER = "public, max-age=31536000, immutable"

NOT_BUILT = """<p>The service is running. The studio, its pages for people, has not been built here yet:
run <code>make studio</code>, then start the service again.</p>
<p lang="zh">服务正在运行。网页工作室还没有构建：请运行 <code>make studio</code>，再重新启动服务。</p>
<p>Programs can use the API at once: <a href="/docs">its documents</a>.</p>"""


class Studio(StaticFiles):
    """The folder that `make studio` built."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Hashed files may be kept for ever, the page that names them not at all."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        hashed = "assets" in Path(str(args[0])).parts
        response.headers["Cache-Control"] = _FOREVER if hashed else "no-cache"
        response.headers["Content-Security-Policy"] = POLICY
        return response

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or the page for an address of the studio; everything else is not found."""
        try:
            return await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or (Path(path).parts[:1] and Path(path).parts[0] not in PAGES):
                raise
            return await super().get_response("index.html", scope)


def mount_studio(app: FastAPI, folder: Path | None) -> None:
    """Serve the studio below every route of the API, or say how it is built."""
    if folder is not None and (folder / "index.html").is_file():
        files = GZipMiddleware(Studio(directory=folder, html=True), minimum_size=1024, compresslevel=6)
        app.mount("/", files, name="studio")
        return

    @app.get("/", include_in_schema=False)
    async def not_built() -> HTMLResponse:
        return page("Yinse", NOT_BUILT)
