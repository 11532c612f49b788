"""What the words of the application mean: for the tooltips where they stand, and for the page of words in the help."""

WORDS = {
    "piece of data": "One part of what a VM holds in memory, such as the page cache or a heap: its size, how fast "
    "it is written, and in which pattern.",
    "profile": "The pieces of data of a VM, named after an application.",
    "good memory": "Memory that is in use. It must move with the VM.",
    "bad memory": "Memory that may be thrown away before the copy and nobody would miss: free memory, or cache that "
    "can be dropped.",
    "hot set": "The small part of the memory that takes most of the writes. It decides how long a pre-copy goes on.",
    "zero pages": "Pages that hold nothing but zeros. A few bytes stand for each of them on the wire.",
    "write rate": "Page writes per second. A page that is written twice counts twice, but for a power law and a "
    "measured curve: theirs is the number of distinct pages that are written in one second.",
    "write pattern": "Which pages of a piece are written: all alike (uniform), one after the other (sequential), a "
    "small part most of the time (hot / cold), or the k-th most written one in proportion to 1 / k to a power (Zipf). "
    "Or only how the number of distinct pages grows: as a power of time, or as somebody measured it.",
    "technique": "How a VM's state moves: pre-copy, stop-and-copy and others.",
    "pre-copy": "The VM runs on while its memory is copied, round after round; only the last rest is sent while it "
    "stands still.",
    "stop-and-copy": "The VM stands still while what is left of it is sent. It can't fail to converge.",
    "round": "One pass over the memory that has to be sent. Round 1 sends everything, the next ones what was written "
    "meanwhile.",
    "converge": "A pre-copy converges when so little is left to send that the last pass is short enough. It does not "
    "when the VM writes faster than the network carries.",
    "forced to stop": "A pre-copy that did not converge where the hypervisor stops the VM all the same, after so many "
    "rounds: all that is left is sent while it stands still.",
    "checkpoint": "A copy of the memory that is taken in advance, while the VM runs on. The move then sends only what "
    "was written since.",
    "waiting": "The time between a checkpoint and the move itself: the checkpoint's age. The VM works as ever.",
    "preflight": "What is checked before anything moves: is there a way, enough memory, the same hypervisor. As a "
    "phase: the time that connecting and setting up takes.",
    "total time": "From the start of a migration until its source is free.",
    "downtime": "How long the VM runs nowhere.",
    "work lost": "What a VM did not get done because it was moved: its downtime, and what it missed while it was "
    "slowed down or waited for a page of its memory.",
    "time stack": "A bar that shows where the time of a migration went, by phase or by piece of data.",
    "plan": "The migrations, their order, and how many may run at the same time.",
    "run": "One execution of a plan.",
    "cancelled": "A migration that was stopped because somebody asked for it. The VM stays where it was.",
    "skipped": "A migration that was left out of a run before it started. Those after it did not wait for it.",
    "failed": "A migration that something went wrong with: a link, a host, or too little room.",
    "rolled back": "After a migration that did not complete the VM runs on at its source as before, and what had been "
    "copied is thrown away. Only a VM that was lost can't be rolled back.",
    "lower bound": "The time before which no order of the moves is done: links, limits and the longest move need it.",
    "pinned start": "A start time that a person gave a move. A new schedule keeps it.",
    "measured": "A figure that somebody measured and that came with its data.",
    "seen": "A published figure that was read in the publication itself.",
    "recalled": "A published figure that is quoted from memory and was not looked up.",
}


def meaning(*words: str) -> str:
    """The meanings of some words, as a tooltip."""
    return "\n".join(f"{word[:1].upper()}{word[1:]}: {WORDS[word]}" for word in words)
