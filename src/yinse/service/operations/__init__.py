"""What keeps a house running: health, metrics, the operator page."""
