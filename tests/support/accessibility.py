"""What axe-core finds on a page, by the rules of WCAG 2.2 A and AA and its own good practice.

With `LOOK_EVERYWHERE=1` (`make prove PARTS=pages`) axe sees each page of each story whole, on a desk and on a phone.
Else it sees them on the phone that stories are walked with, and not the frame around all pages, since looking takes
longer than the walk. `tests/browser/test_every_page.py` has it see the frame, and on a desk the pages that everybody
works with.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Error, Page

AXE = Path(__file__).parents[1] / "browser" / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

Look = TypeVar("Look")

EVERYWHERE = bool(os.environ.get("LOOK_EVERYWHERE"))
FRAME = () if EVERYWHERE else (".rail", ".topbar")  # what is passed over where it was seen before

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}

# A control that happens to be half under a bar at the edge of the window is no smaller for it: bars are let go of while
# sizes are measured. And a colour on its way to another is neither of them: what moves and will rest is brought there.
CHECKED = """async ([rules, without]) => {
  document.getAnimations().filter(each => each.effect.getComputedTiming().endTime !== Infinity)
    .forEach(each => each.finish());
  const bars = [...document.body.querySelectorAll("*")].filter(each => getComputedStyle(each).position === "sticky");
  bars.forEach(bar => { bar.style.position = "static"; });
  const found = await axe.run({exclude: without}, {runOnly: rules, resultTypes: ["violations"]});
  bars.forEach(bar => { bar.style.position = ""; });
  return found;
}"""


def violations(page: Page, rules: Sequence[str] = RULES, without: Sequence[str] = ()) -> list[str]:
    """One line for each rule that the page breaks, with the elements at fault; empty if it breaks none.

    `rules` are tags of axe, or single rules; `without` selects what is not looked at.

    The library is evaluated, not added as a script: the page's own content security policy forbids that.
    """
    found = _of_the_page_that_comes(page, lambda: _checked(page, rules, without))
    return [
        f"{rule['id']}: {', '.join(' '.join(map(str, node['target'])) for node in rule['nodes'])}" for rule in found
    ]


def _checked(page: Page, rules: Sequence[str], without: Sequence[str]) -> list[dict[str, Any]]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    violated: list[dict[str, Any]] = page.evaluate(CHECKED, [list(rules), list(without)])["violations"]
    return violated


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window, which nobody wants on a phone."""
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return bool(_of_the_page_that_comes(page, lambda: page.evaluate(wider)))


def _of_the_page_that_comes(page: Page, look: Callable[[], Look]) -> Look:
    """What `look` sees. Right after a click the next page may take the place of the one that is looked at, even before
    it has any content: that one is wanted, once it is there. What is wrong for longer than that is an error."""
    for _ in range(3):
        try:
            return look()
        except Error:
            page.wait_for_load_state()
    return look()


def looks_right(page: Page) -> None:
    """Nothing for axe and nothing sideways on a desk or on a phone; the page is left in the window that it had."""
    window = page.viewport_size
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        if EVERYWHERE or size == PHONE:
            assert not violations(page, without=FRAME), size["width"]
        assert not scrolls_sideways(page), size["width"]
    page.set_viewport_size(window)
