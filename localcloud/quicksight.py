def quicksight_handler(d):
    return None
