"""The core room: values, rules, events and errors."""
