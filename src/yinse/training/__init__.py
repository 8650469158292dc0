"""Datasets, losses, recipes, fine-tuning and LoRA."""
