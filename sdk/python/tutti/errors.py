"""Everything that this package raises."""


class TuttiError(Exception):
    """The base of the others."""


class Failed(TuttiError):
    """Raise it in a handler: the task failed for good, with this message."""


class Retryable(TuttiError):
    """Raise it in a handler: failed, but another attempt may succeed."""


class Stale(TuttiError):
    """The task is finished already, or no longer this plugin's."""


class Invalid(TuttiError):
    """An argument makes no sense; nothing was done."""


class TooBig(Invalid):
    """Over a size limit; nothing was taken."""


class Refused(TuttiError):
    """The orchestrator does not want this process."""


class NoBus(TuttiError):
    """There is no usable bus file."""
