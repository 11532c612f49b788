"""What results mean: time stacks, comparisons, accuracy."""
