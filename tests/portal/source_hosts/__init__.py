"""Source hosts of tests: real HTTP servers that speak the providers' APIs, as these document them."""
