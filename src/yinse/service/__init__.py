"""HTTP and SQL, never torch: accounts, voices, speech, jobs, feedback, audit."""
