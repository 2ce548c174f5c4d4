"""What is below ``/api/catalog/incremental/``."""
