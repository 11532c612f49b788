"""When each move starts and how fast it goes, under the limits of links and hosts, and how good that is."""
