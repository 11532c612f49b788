"""One module for each format: `recognises(document)` by its content, and `read(documents, reading)`."""
