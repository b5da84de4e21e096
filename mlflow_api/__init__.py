"""MLflow's REST protocol 2.0: reads requests, calls the apps, answers in MLflow's words. It decides nothing itself."""
