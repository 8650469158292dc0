"""One module for every change, oldest first."""
