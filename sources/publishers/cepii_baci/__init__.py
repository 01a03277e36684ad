"""CEPII BACI: one reconciled figure a flow and year; the mirror is scored against it and never made of it."""
