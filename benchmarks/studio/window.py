"""A browser on the studio, and what it measures by itself."""

from dataclasses import dataclass
from types import TracebackType
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

FLAGS = ("--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required")
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
_WATCH = """() => {
    window.began = performance.now();
    window.lit = new Promise(resolve => {
        const look = () => document.querySelector('.spoken .now')
            ? resolve(performance.now() - window.began)
            : requestAnimationFrame(look);
        look();
    });
}"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A page opened for the first time: what came over the wire, and when something was to be seen."""

    kilobytes: float
    paint_ms: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance: milliseconds from pressing the button to the first sound and to the first lit word."""

    sound_ms: float
    word_ms: float


class Window:
    """Chromium, signed in."""

    def __init__(self, chromium: str, url: str, token: str) -> None:
        self._chromium, self._url, self._token = chromium, url, token
        self._play: Playwright | None = None
        self._browser: Browser | None = None
        self._page: Page | None = None

    def __enter__(self) -> "Window":
        self._play = sync_playwright().start()
        self._browser = self._play.chromium.launch(executable_path=self._chromium, args=list(FLAGS))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._browser is not None
        assert self._play is not None
        self._browser.close()
        self._play.stop()

    def opened(self, name: str) -> Opened:
        """Open a page in a browser without a cache; `sign-in` as nobody, every other one signed in."""
        page = self._fresh(signed_in=name != "sign-in")
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        received: list[float] = []
        devtools.on("Network.loadingFinished", lambda event: received.append(_bytes(event)))
        page.goto(f"/{name}")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_load_state("networkidle")
        paint = float(page.evaluate(_PAINT))
        page.context.close()
        return Opened(sum(received) / 1000, paint)

    def spoken(self, text: str) -> Spoken:
        """Write a text, press the button, and hear it to its end."""
        if self._page is None:
            self._page = self._fresh(signed_in=True)
            self._page.goto("/speak")
        page = self._page
        page.get_by_role("textbox").fill(text)
        page.evaluate(_WATCH)
        page.get_by_role("button", name="Speak", exact=True).click()
        word = float(page.evaluate("window.lit"))
        said = page.get_by_text("First sound after").inner_text()
        page.get_by_role("button", name="Speak", exact=True).wait_for()
        return Spoken(float(said.split(" ms")[0].rpartition(" ")[2]), word)

    def _fresh(self, *, signed_in: bool) -> Page:
        assert self._browser is not None
        context = self._browser.new_context(base_url=self._url, locale="en-US")
        if signed_in:
            context.add_cookies([{"name": "yinse_session", "value": self._token, "url": self._url}])
        return context.new_page()


def _bytes(event: dict[str, Any]) -> float:
    return float(event["encodedDataLength"])
