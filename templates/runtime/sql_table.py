"""Read the rows that a database answers a query with."""

from .library import needed
from .table import Table, TableError, make_table


def read_sql(url: str, query: str) -> Table:
    """Return the columns of the answer to a query, by their names.

    Args:
        url: of the database, as SQLAlchemy writes it: sqlite:///rows.db

    Raises:
        LibraryError: SQLAlchemy or the database's own library is not installed.
        TableError: the database refuses the query, there are no rows, or a name
            stands twice.
    """
    sqlalchemy = needed("sqlalchemy", "sql")
    try:
        engine = sqlalchemy.create_engine(url)
    except sqlalchemy.exc.ArgumentError as error:
        raise TableError(f"{url}: {error}") from error
    except ImportError as error:
        needed(error.name or "", "sql")
        raise
    name = f"the answer of {engine.url.render_as_string(hide_password=True)}"
    try:
        with engine.connect() as connection:
            answer = connection.execute(sqlalchemy.text(query))
            names = list(answer.keys())
            rows = answer.fetchall()
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise TableError(f"{name}: {error}") from error
    finally:
        engine.dispose()
    for column in names:
        if names.count(column) > 1:
            raise TableError(f"{name}: two columns are called {column}")
    if not rows:
        raise TableError(f"{name}: there are no rows")
    return make_table(name, dict(zip(names, zip(*rows, strict=True), strict=True)))
