"""What does each prior buy? Flow against diffusion in more and more steps, through the public engine. Run by hand."""
