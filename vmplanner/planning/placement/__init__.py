"""Which host each VM goes to and in which order the moves are possible: few and cheap moves that keep every rule."""
