"""`/docs`: the pages of the API, drawn from `/openapi.json` by Swagger UI, every byte of it from this server."""

from typing import Final

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "media-src blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing comes from or goes to another host. Swagger UI styles itself inline, and plays answers from memory."""

_ASSETS: Final = ("fastapi_offline", "static")
"""The package that brings Swagger UI along, see ADR 0151."""

# Addresses are relative, so that they hold behind a proxy that serves this below a path of its own.
_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Yinse: the API</title>
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
<div id="documents"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
"""
_START: Final = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#documents",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null, // or it would send the address of this server to validator.swagger.io
});
"""


class _Assets(StaticFiles):
    """Files of a package, asked for again after every upgrade of it."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """A browser keeps them, and asks each time whether they changed."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


def mount_explorer(app: FastAPI) -> None:
    """Serve `/docs` and what it needs."""

    @app.get("/docs", include_in_schema=False)
    async def documents() -> HTMLResponse:
        return HTMLResponse(_PAGE, headers={"Content-Security-Policy": POLICY})

    @app.get("/docs/start.js", include_in_schema=False)
    async def start() -> Response:
        return Response(_START, media_type="text/javascript")

    files = GZipMiddleware(_Assets(packages=[_ASSETS]), minimum_size=1024, compresslevel=6)
    app.mount("/docs/assets", files, name="explorer")
