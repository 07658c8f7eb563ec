"""Whether another program gives the advice that the rules ask for: vectors to test it, results to re-run."""
