"""The model/train room: how the built-in model is taught."""
