"""The admin's pages and what stands behind them, in the app as it is served."""
