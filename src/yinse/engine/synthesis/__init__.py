"""Plan, scheduler, sampler, stream, Synthesizer."""
