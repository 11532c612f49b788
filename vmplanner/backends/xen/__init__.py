"""Migrations between real Xen hosts: xl, run on the hosts over the system's OpenSSH client."""
