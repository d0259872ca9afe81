"""How well grades agree with raters: cases, recordings, agreement, robustness, reports."""
