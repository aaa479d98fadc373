"""The audit trail: who changed what and when, and what it was before."""
