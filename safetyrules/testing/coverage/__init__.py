"""What of the law tests reach: `points` says what there is to reach, `feasible` what can be at all, `listening` what a
case reached, `measuring` what is left."""
