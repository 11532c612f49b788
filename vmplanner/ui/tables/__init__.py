"""Tables of the plan and its runs."""
