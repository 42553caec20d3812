"""The staff desk: inbox, handover, rota, guide editor. Denies by default."""
