"""Makes every scenario beside this file a test, so that ``pytest features`` runs the drills."""

from pytest_bdd import scenarios

scenarios(".")
