"""Hello: notes about entities."""
