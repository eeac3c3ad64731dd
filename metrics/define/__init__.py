"""What a metric is: its file, its fixture, the confined process that runs its SQL, and the
trial that it passes before it is published."""

__all__ = [
    "catalog",
    "cells",
    "counted",
    "fixtures",
    "plausible",
    "sandbox",
    "template",
    "trial",
]
