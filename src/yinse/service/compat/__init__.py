"""Drop-in routes: the APIs of other products, over our own features."""
