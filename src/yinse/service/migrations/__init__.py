"""The history of the main database, by Alembic."""
