"""The desktop application. Only the command line imports it, and only when a window or a picture is wanted."""
