"""Imported once by the process from which tests/walks/nursery.py forks: it is warm from then on."""

from tests.walks import crash_driver, nursery

__all__ = ["crash_driver", "nursery"]

nursery.warm_parent()
