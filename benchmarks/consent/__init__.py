"""Who passes the check of a spoken consent, and who does not."""
