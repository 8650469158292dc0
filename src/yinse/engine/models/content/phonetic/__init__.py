"""Our own content encoder: CTC over the shared phoneme inventory with a quantised bottleneck at 25 Hz."""
