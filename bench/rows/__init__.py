"""All rows: what is imported here stands in the table, in this order."""

# pylint: disable=unused-import
from rows import shapes, flight, payloads, forms, queue  # noqa: F401
from rows import filters, restart, stores, idle, starts  # noqa: F401
