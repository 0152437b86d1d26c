"""What is true of an order: its model, the events that change it, what is decided and how it evolves. Pure."""
