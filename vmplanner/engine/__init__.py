"""Runs a plan in threads against any backend."""
