"""A durable queue in one table with leases; survives kill -9 in any state."""
