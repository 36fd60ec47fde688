"""What the table is made of.

A row is a line of the table. A case measures one row or several that come from
the same work; the harness asks it for the product's and the floor's numbers in
turns. Both are dictionaries from the row's name to a Sample.
"""

import dataclasses

STRICT = "strict: two flushes a commit, everything waits for them"
PIPELINED = "pipelined: two flushes a commit, plugins inside do not wait"
RELAXED = "relaxed: one flush a commit, everything waits for it"
NONE = "none: what is measured flushes nothing"

POLICIES = {"strict": STRICT, "pipelined": PIPELINED, "relaxed": RELAXED}


@dataclasses.dataclass
class Budget:
    """A bound on the ratio to the floor, or on the product's own number."""
    bound: float
    of: str = "ratio"
    at_least: bool = False

    def text(self, show):
        bound = "%g x" % self.bound if self.of == "ratio" else show(self.bound)
        return "%s %s" % (">=" if self.at_least else "<=", bound)

    def met(self, number):
        if number is None:
            return None
        if self.at_least:
            return number >= self.bound
        return number <= self.bound


@dataclasses.dataclass
class Sample:
    """One measured number, and what else is known of how it came about."""
    value: float
    also: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Row:
    """A line of the table: `floor` says in words what the other side does."""
    name: str
    title: str
    unit: str
    policy: str
    floor: str = ""
    budget: Budget = None


class Case:
    """What is measured together. Subclasses set rows and override methods."""

    rows = ()
    # Part of --quick?
    quick = True
    # More rounds than this tell nothing new.
    most_rounds = 1000

    def open(self, bench):
        """Before the first round."""
        self.bench = bench

    def product(self):
        """The product's turn."""
        raise NotImplementedError

    def floor(self):
        """The floor's turn; nothing for rows that have none."""
        return {}

    def round(self, number):
        """Both turns; who begins alternates."""
        if number % 2:
            product = self.product()
            return product, self.floor()
        floor = self.floor()
        return self.product(), floor

    def close(self):
        """After the last round, also when one has failed."""


_topics = {}


def register(topic, cases):
    """Topics appear in the order in which they are registered."""
    _topics.setdefault(topic, []).extend(cases)


def topics():
    return _topics
