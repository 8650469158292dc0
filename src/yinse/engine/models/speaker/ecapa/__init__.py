"""ECAPA-TDNN: the speaker encoder of the base voice."""
