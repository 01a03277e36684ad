"""India's answers to Parliament, as the Press Information Bureau prints them: imports in tonnes, shares of imports."""
