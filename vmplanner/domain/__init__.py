"""What a user plans, as frozen values that check themselves. No Qt, no files, no numpy."""
