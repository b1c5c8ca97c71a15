"""Makes the environment that the program runs in; standard library only, as it runs before anything is installed."""
