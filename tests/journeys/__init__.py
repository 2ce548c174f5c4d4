"""What people do, tried on a running portal."""
