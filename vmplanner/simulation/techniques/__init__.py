"""The techniques of live migration, one file each."""
