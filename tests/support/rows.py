"""Everything that a database holds, to see whether anything changed."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, select

from storage.metric_tables import MetricSample
from storage.tables import Table

Rows = dict[str, list[dict[str, object]]]


def every_row(session: Session, but: Collection[str] = ()) -> Rows:
    """Every row of every table, without the columns named in `but`. What the app notes of itself is nobody's doing."""
    return {
        str(table.__tablename__): sorted(
            (row.model_dump(exclude=set(but)) for row in session.exec(select(table)).all()), key=str
        )
        for table in Table.__subclasses__()
        if table is not MetricSample
    }
