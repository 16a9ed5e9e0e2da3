"""The addresses that platforms call: login and launch."""
