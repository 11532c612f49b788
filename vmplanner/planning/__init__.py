"""What goes where and when, and whether it can."""
