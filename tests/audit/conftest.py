"""A signed-in browser for the auditor's pages."""

from tests.collections.conftest import browser_of  # noqa: F401  the same browser
