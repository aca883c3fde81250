"""What is kept: the database, its tables and what is asked of them. Knows nothing of the product."""
