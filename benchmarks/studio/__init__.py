"""What somebody at the studio waits for: pages and first sounds, in a real browser."""
