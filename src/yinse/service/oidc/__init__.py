"""Sign-in at an OpenID Connect provider."""
