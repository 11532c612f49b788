"""What TCP lets through, however wide the links are: a limit that only long or lossy ways come near.

A stream has one window under way in each round trip, and each lost packet halves that window. With R the round-trip
time, W the largest window, M the bytes of a segment and p the share of packets lost, n streams carry at most

    n min(W / R, M / (R sqrt(2 p / 3)))    bytes/s

(Mathis, Semke, Mahdavi and Ott, The macroscopic behavior of the TCP congestion avoidance algorithm, CCR 1997.) It is
the law of loss-based congestion control without delayed acknowledgements; CUBIC does somewhat better where R is long.
"""

import math

# Linux: the largest send buffer by itself, the last value of net.ipv4.tcp_wmem (4096 16384 4194304).
_WINDOW_BYTES = 4 * 1024 * 1024
# An Ethernet frame's 1500 bytes less the headers of IPv4 and TCP with time stamps.
_SEGMENT_BYTES = 1448


def most_bytes_per_s(latency_s: float, loss_share: float, streams: int) -> float:
    """What `streams` TCP streams carry at most over a way with this latency one way; infinite over none."""
    if not latency_s:
        return math.inf
    window_bytes: float = _WINDOW_BYTES
    if loss_share:
        window_bytes = min(window_bytes, _SEGMENT_BYTES / math.sqrt(2 * loss_share / 3))
    return streams * window_bytes / (2 * latency_s)
