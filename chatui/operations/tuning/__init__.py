"""Finding out by measurement how many answers at once a model server is best given."""
