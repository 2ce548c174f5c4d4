"""A database backend (``ENGINE: portal.databases.postgresql``): Django's, with a cheaper look at idle connections."""
