"""A database backend (``ENGINE: portal.databases.postgresql``): Django's, with less between a read and its database."""
