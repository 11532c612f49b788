"""The project file and the library of profiles and examples."""
