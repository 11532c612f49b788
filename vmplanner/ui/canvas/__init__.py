"""The drawing of the topology."""
