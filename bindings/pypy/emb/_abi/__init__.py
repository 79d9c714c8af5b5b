"""libemb, called through one of two FFIs: what a call writes into its frame, and what it reads there."""
