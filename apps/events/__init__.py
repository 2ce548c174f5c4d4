"""Events: the bus that the portal's processes share, and the door for webhooks."""
