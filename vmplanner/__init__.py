"""vmplanner: plan, run and understand live migrations of virtual machines."""

__version__ = "0.1.0"
