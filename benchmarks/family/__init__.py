"""Speed and memory of the published family at its real size, with random weights: ours beside plain loops."""
