"""What was spoken: sealed text and audio, ratings, versions, download links."""
