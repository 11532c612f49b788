"""Where a migration really happens: in a simulation or on real hosts, behind one Protocol."""
