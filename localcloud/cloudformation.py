def resource_handlers():
    return {}
